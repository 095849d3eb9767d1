"""Building the Bento of a scorer: offline, in seconds, and only when there is something new to build.

What is here: `build_bento` and what it returns.
What to add here: what else has to travel with a scorer.
What must not be here: starting services (`service_process.py`). BentoML runs in a process of its own: it imports the
service it packs, and that import must see the Bento's files, not the modules of whoever is building.

A Bento holds the service (`bento/`), the slim part of this package, the scorer's folder, the locked requirements and,
for a portfolio with histories, what is stored of known applicants. Its version is made of the scorer's digest and of a
digest of the code and of those rows, so equal input gives the Bento that is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import credit_platform
from credit_platform.errors import ArtefactError, ScorerError, ServiceError
from credit_platform.files.durable import sync_tree
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios import portfolio_folder
from credit_platform.portfolios.keys import bento_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer
from credit_platform.scoring.served_source import PROMOTED_BY, record_promotion, recorded
from credit_platform.scoring.stored_histories import FOLDER as HISTORIES
from credit_platform.scoring.stored_histories import HistoriesFacts
from credit_platform.serving.bento_places import BentoPlace, bring_bento, keep_bento
from credit_platform.serving.intact_bentos import is_intact
from credit_platform.serving.shipped_histories import HistoriesPlan, plan_histories
from credit_platform.settings import Settings

SHIPPED = (
    "__init__.py",
    "accounts.py",
    "api_keys.py",
    "clock.py",
    "code_versions.py",
    "errors.py",
    "files",
    "http_limits.py",
    "logs",
    "monitoring/__init__.py",
    "monitoring/decision_log",
    "monitoring/metric_catalogue.py",
    "monitoring/metrics",
    "monitoring/metrics_server.py",
    "native_threads.py",
    "portfolios/__init__.py",
    "portfolios/approval.py",
    "portfolios/claims.py",
    "portfolios/generator.py",
    "portfolios/economics.py",
    "portfolios/feature_group.py",
    "portfolios/monitoring_policy.py",
    "portfolios/portfolio.py",
    "portfolios/reason.py",
    "portfolios/reason_families.py",
    "portfolios/responsible.py",
    "portfolios/retention.py",
    "portfolios/source_table.py",
    "portfolios/truth.py",
    "presented.py",
    "features",
    "scoring",
    "source_trees.py",
    "values",
)
"""What of `credit_platform` a Bento carries beside a portfolio: scoring and the rooms below it, keys, decision log."""
BUILD_SECONDS = 120.0
"""A build takes about three seconds; one that takes this long hangs."""
_LOCK = Path("requirements") / "serving.txt"
_TAIL = 2000


@dataclass(frozen=True, kw_only=True)
class BuiltBento:
    """A Bento that was built or found."""

    tag: str
    """`name:version` as BentoML spells it."""
    path: Path
    """Folder of the Bento in the home: what `bentoml serve` takes."""
    key: str
    """Key under which it is stored."""
    promoted_at: str | None
    """When its scorer was promoted, where that is known; ISO 8601."""
    promoted_by: str | None
    """Id of the run that promoted it, where that is known."""
    bytes: int
    """Size of its files, in bytes."""
    scorer_digest: str
    """Digest of the scorer inside."""
    source_digest: str
    """Digest of all that it serves with, see `scoring.served_source`."""
    histories: HistoriesFacts | None
    """What it knows of applicants' histories; None when none are shipped."""
    reused: bool
    """Whether it was there already."""
    seconds: float
    """Time it took to build or find it."""

    @property
    def name(self) -> str:
        """Name part of the tag."""
        return self.tag.partition(":")[0]

    @property
    def version(self) -> str:
        """Version part of the tag."""
        return self.tag.partition(":")[2]


def build_bento(
    scorer_folder: Path,
    portfolio: Portfolio,
    settings: Settings,
    *,
    promoted_at: str | None = None,
    promoted_by: str | None = None,
) -> BuiltBento:
    """Build the Bento of a scorer, or find the one that was built from the same scorer and code.

    Args:
        scorer_folder: what `Scorer.save` wrote.
        portfolio: the portfolio that the scorer must be for.
        settings: where it is stored, and built: in `<home>/bentos`.
        promoted_at: when the scorer was promoted (ISO 8601), for `/model-info`; it makes no other Bento.
        promoted_by: id of the run that promoted it, for log lines; neither does it.

    Raises:
        ScorerError: the scorer is incomplete, altered, or not this portfolio's.
        ServiceError: the checkout lacks the service, the feature table of the scorer is gone, or BentoML failed; the
            message ends with what it said.
    """
    started = time.perf_counter()
    scorer = Scorer.load(scorer_folder, verify=True)
    if scorer.portfolio.name != portfolio.name:
        raise ScorerError(
            f"{scorer_folder} scores {scorer.portfolio.name}, not {portfolio.name}.", "Name the right scorer."
        )
    code, histories = _code_files(portfolio.name), plan_histories(scorer, settings)
    name, version = bento_name(portfolio.name), f"{scorer.version}-{_digest(code, histories)[:8]}"
    store, shelf = (settings.home / "bentos").resolve(), Shelf.of(settings)
    wanted = None if histories is None else histories.facts.digest
    place = BentoPlace(tag=f"{name}:{version}", histories=wanted, promoted_at=promoted_at, promoted_by=promoted_by)
    path = place.folder(shelf.home)
    with suppress(ArtefactError):  # then it is built
        bring_bento(shelf, place)
    reused = is_intact(path, scorer.digest, code, histories)
    if not reused:
        shutil.rmtree(path, ignore_errors=True)
        labels = {"portfolio": portfolio.name, "model_version": scorer.version, "scorer_digest": scorer.digest}
        _build(store, name, version, _Content(code, scorer_folder, portfolio.title, labels))
        if histories is not None:
            # Not by way of BentoML, which copies every file twice: these may take half a gigabyte.
            histories.write(path / "src")
        sync_tree(path)
    if reused and promoted_at is None:
        known = recorded(path / "src")
        promoted_at, promoted_by = known.get("promoted_at"), known.get(PROMOTED_BY)
    source_digest = record_promotion(path / "src", promoted_at, promoted_by)
    return BuiltBento(
        tag=place.tag,
        path=path,
        key=keep_bento(shelf, place),
        promoted_at=promoted_at,
        promoted_by=promoted_by,
        bytes=sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
        scorer_digest=scorer.digest,
        source_digest=source_digest,
        histories=None if histories is None else HistoriesFacts.read(path / "src" / HISTORIES),
        reused=reused,
        seconds=time.perf_counter() - started,
    )


def stamp_promotion(bento: Path, promoted_at: str, promoted_by: str) -> None:
    """Write into a Bento when its scorer was promoted, and by which run; services that start from now on say so."""
    record_promotion(bento / "src", promoted_at, promoted_by)


@dataclass(frozen=True)
class _Content:
    """What goes into a Bento."""

    code: Mapping[str, Path]
    """Path inside the Bento to source file."""
    scorer_folder: Path
    title: str
    labels: Mapping[str, str]


def _code_files(portfolio: str) -> dict[str, Path]:
    """Service, slim part of the package, and lock: path inside the Bento to source file, sorted."""
    package = Path(credit_platform.__file__).parent
    checkout, lock = package.parent, package.parent / _LOCK
    if not lock.is_file() or not (checkout / "bento" / "service.py").is_file():
        raise ServiceError(
            f"The folder of the service, bento/, and {_LOCK.as_posix()} are not beside the package credit_platform.",
            "Install the project from its checkout: make install.",
        )
    own, sources = portfolio_folder(portfolio), [*(package / name for name in SHIPPED), checkout / "bento", lock]
    files = [file for source in sources for file in (_code_below(source) if source.is_dir() else [source])]
    # Wherever the portfolio lies here: its modules are imported by the same names there, so it has the same versions.
    inside = {package / "portfolios" / portfolio / file.relative_to(own): file for file in _code_below(own)}
    named = {file: file for file in files} | inside
    return {place.relative_to(checkout).as_posix(): named[place] for place in sorted(named)}


def _code_below(folder: Path) -> list[Path]:  # and what it reads: texts and figures beside it
    return [file for file in folder.rglob("*") if file.suffix in (".py", ".json")]


def _digest(files: Mapping[str, Path], histories: HistoriesPlan | None) -> str:
    digest = hashlib.sha256(b"" if histories is None else histories.facts.digest.encode())
    for name, file in files.items():
        digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _build(store: Path, name: str, version: str, content: _Content) -> None:
    store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=store) as folder:
        _stage(Path(folder), name, content)
        _try_loading(Path(folder))
        _run_bentoml(store, Path(folder), version)


def _stage(folder: Path, name: str, content: _Content) -> None:
    """Lay out the files of the Bento in `folder`."""
    for inside, source in content.code.items():
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    shutil.copytree(content.scorer_folder, folder / "scorer")
    # YAML reads JSON.
    (folder / "bentofile.yaml").write_text(
        json.dumps(
            {
                "service": "bento.service:CreditScoring",
                "name": name,
                "description": f"Scoring service of {content.title}. POST /predict; the rest is at /docs.",
                "labels": dict(content.labels),
                "include": ["bento/**", "credit_platform/**", "scorer/**", _LOCK.as_posix()],
                # Not `requirements_txt`: BentoML reads no file below a hidden folder, and the home is one.
                "python": {
                    "packages": _pins((folder / _LOCK).read_text()),
                    "lock_packages": False,
                    "pack_git_packages": False,
                },
            },
            indent=2,
        )
    )


def _pins(lock: str) -> list[str]:
    """The pins of a lock file without hashes: BentoML adds a line without one, which pip refuses beside those with."""
    return [line.rstrip(" \\") for line in lock.splitlines() if line and line[0] not in "# "]


def _try_loading(folder: Path) -> None:
    """Load the scorer with the code beside it and nothing else of ours: what is not shipped is missed here, not served.

    Raises:
        ServiceError: that code cannot load it; the message ends with what Python said.
    """
    loading = "from credit_platform.scoring import Scorer; Scorer.load('scorer')"
    command = [sys.executable, "-B", "-c", loading]  # compiled code would become a part of the Bento
    done = _run(command, folder, {}, "Loading the scorer with the code of the Bento")
    if done.returncode != 0:
        raise ServiceError(
            "The code that would go into the Bento cannot load its scorer.",
            f"Add to SHIPPED what is missing, and build again:\n{done.stderr[-_TAIL:].strip()}",
        )


def _run_bentoml(store: Path, folder: Path, version: str) -> None:
    bentoml = [sys.executable, "-m", "bentoml", "build"]
    command = [*bentoml, "--bentofile", "bentofile.yaml", "--version", version, "--output", "tag", "."]
    variables = {"BENTOML_HOME": str(store), "BENTOML_DO_NOT_TRACK": "true"}
    done = _run(command, folder, variables, "bentoml build")
    if done.returncode != 0:
        said = (done.stdout + done.stderr)[-_TAIL:].strip()
        raise ServiceError("bentoml build failed.", f"Mend what it says and run again:\n{said}")


def _run(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], what: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in `folder`, which finds no code of ours but what lies there.

    Raises:
        ServiceError: it took too long.
    """
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    try:
        return subprocess.run(  # noqa: S603  # the commands are made here, of constants
            command,
            cwd=folder,
            env={**kept, **variables},
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ServiceError(f"{what} took more than {BUILD_SECONDS:.0f} s.", "Try again.") from error
