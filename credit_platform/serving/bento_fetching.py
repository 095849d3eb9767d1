"""Fetching one promoted Bento to where a service of its own starts from it, by digest, and nothing that is not it.

What is here: `fetch_bento`, of the init container of a pod, and `promoted_digest`, for one that is told none.
What to add here: another thing that a pod needs before its service starts.
What must not be here: what is served next (`promoted.py`), starting it (`local/`, `python -m bento`).

A pod is told a digest, not "the newest": pods of one Deployment that start on different days must serve the same, and
only `serving/deployment` changes what that is. The digest is that of all the Bento serves with, code and scorer; that
of a scorer alone, as `/model-info` says it, means the Bento that it was promoted with last.
"""

from __future__ import annotations

import re
from pathlib import Path

from credit_platform.errors import ArtefactError, RecordError, ScorerError, ServiceError
from credit_platform.files.durable import make_folder, replace_synced
from credit_platform.files.scratch import scratch_folder
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import bento_key
from credit_platform.scoring.folder import read_manifest, verify_files
from credit_platform.scoring.served_source import check_source
from credit_platform.scoring.stored_histories import FOLDER as HISTORIES
from credit_platform.scoring.stored_histories import rows_state
from credit_platform.serving.promoted import promoted_bento
from credit_platform.serving.records import BentoRecord
from credit_platform.settings import Settings

ANNOTATION = "credit-platform/bento-digest"
"""Of a pod: which Bento it serves. `serving/deployment` sets it in a Deployment's template; the chart only reads it."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


def fetch_bento(settings: Settings, portfolio: str, digest: str, target: Path) -> BentoRecord:
    """Put the promoted Bento of this digest at `target`, whole and compared with what was recorded at its promotion.

    What lies there is replaced, also by the same again: somebody may have been erased from its histories since. Nothing
    else is kept on this machine, neither a home nor a cache.

    Args:
        settings: where tables and artefacts lie.
        portfolio: whose Bento.
        digest: SHA-256 (hex) of what it serves with, or of its scorer.
        target: its folder, which `python -m bento` is started from (in `src`).

    Returns:
        What the table `serving/bento` says of it.

    Raises:
        ServiceError: no Bento of this digest was ever promoted, or the digest is none.
        ArtefactError: it is not stored any more, or was altered where it is stored.
        ScorerError: what was stored is not what was promoted.
    """
    record = _recorded(settings, portfolio, digest)
    target = target.absolute()
    make_folder(target.parent)
    with scratch_folder(target.parent, ".fetching-") as scratch:
        shelf = Shelf(scratch / "home", settings.artefact_root, scratch / "cache")
        fetched = record.brought(shelf)
        _require(fetched, record)
        if target.exists():
            target.replace(scratch / "before")
        replace_synced(fetched, target)
    return record


def promoted_digest(settings: Settings, portfolio: str) -> str:
    """Digest of the Bento that is promoted now: for a pod that nobody has told one yet, before the first deployment.

    Raises:
        ServiceError: nothing is promoted yet.
    """
    promoted = promoted_bento(settings, portfolio)
    if promoted is None:
        raise ServiceError(
            f"No model of {portfolio} is promoted in {settings.lakehouse_root}.",
            f"Run it: credit-platform run {portfolio}. Until then leave service.enabled=false.",
        )
    return promoted.source_digest or promoted.digest


def _recorded(settings: Settings, portfolio: str, digest: str) -> BentoRecord:
    """The newest record of the table of Bentos that names the digest."""
    if not digest:
        raise ServiceError(
            "No digest says which Bento to fetch.",
            f"Name it: --digest, or CREDIT_PLATFORM_BENTO_DIGEST, which a pod has from its annotation {ANNOTATION}.",
        )
    if not _DIGEST.fullmatch(digest):
        raise ServiceError(
            f"{digest!r} is no digest of a Bento: 64 hexadecimal digits.",
            f"credit-platform promotions {portfolio} and /model-info say it in full.",
        )
    lakehouse, key = Lakehouse(settings.lakehouse_root), bento_key(portfolio)
    versions = lakehouse.versions(key) if lakehouse.exists(key) else []
    for version in versions:
        try:
            record = BentoRecord.of(lakehouse.read(key, version.version))
        except RecordError:  # of a version of the platform that wrote none
            continue
        if digest in (record.source_digest, record.digest):
            if record.key is None:
                raise ArtefactError(
                    f"The Bento {record.tag} lies in a home of before artefacts were stored by key.",
                    f"Promote it again: credit-platform run {portfolio} --from serving/bento.",
                )
            return record
    raise ServiceError(
        f"No promoted Bento of {portfolio} has the digest {digest} in {settings.lakehouse_root}.",
        f"credit-platform versions {key} lists the promoted ones; check CREDIT_PLATFORM_LAKEHOUSE_URL.",
    )


def _require(bento: Path, record: BentoRecord) -> None:
    """Raise ScorerError unless `bento` is what `record` says: code, scorer, and histories that are whole."""
    source = bento / "src"
    if not (bento / "bento.yaml").is_file():
        raise ScorerError(f"{bento} is no Bento: it lacks bento.yaml.", "Fetch it again.")
    check_source(source, record.source_digest)
    listed, found = read_manifest(source / "scorer")
    verify_files(source / "scorer", listed)
    if found != record.digest:
        raise ScorerError(f"{bento} holds the scorer {found[:12]}, not {record.digest[:12]}.", "Promote it again.")
    if record.stored_histories is None:
        return
    if not (source / HISTORIES).is_dir():
        raise ScorerError(f"{bento} lacks the stored histories of its applicants.", "Promote it again.")
    state, message = rows_state(source / HISTORIES)
    if state == "damaged":
        raise ScorerError(f"The stored histories in {bento} are damaged: {message}", "Restore them from a backup.")
