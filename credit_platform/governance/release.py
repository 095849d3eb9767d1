"""A release: everything that was written about one model version, as one archive with an index page.

What is here: `gather_release`, which finds the files and their digests, and `Release.archive`, the bytes of the ZIP.
What to add here: another file that whoever is handed a model needs.
What must not be here: documents themselves; the scorer or the Bento, which hold no document and travel by their digest.

The same files give the same bytes, whenever they are put together: names are sorted, and every file has the time at
which the scorer was made.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import jinja2

from credit_platform import presented
from credit_platform.errors import ArtefactError, TableNotFoundError
from credit_platform.governance.heads import owner
from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import AboutBento, AboutScorer, promoted
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.reports import model_reports_key, reports_key
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ScorerRecord
from credit_platform.portfolios.keys import bento_key, scorer_key
from credit_platform.portfolios.portfolio import Portfolio

INDEX, SUMS, MODEL = "index.html", "SHA256SUMS", "model.json"
_FIRST: Final[Mapping[str, str]] = {
    "model_card.html": "Model card",
    "validation_report.html": "Validation report",
    "threshold_decision.html": "Threshold: from which risk an application is refused",
    "shap_report.html": "Why the model scores as it does",
    "regulatory_map.html": "Duties and where they are met",
    "quality_report.html": "Quality of the data",
    "feature_catalogue.html": "Features",
}
_EARLIEST: Final = 1980
"""Before this year a ZIP file has no times."""


@dataclass(frozen=True)
class ReleasedFile:
    """One file of a release."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Digest of the content, 64 hex digits."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(frozen=True)
class Release:
    """What a release is of, and its files."""

    portfolio: Portfolio
    scorer: StoredTable
    is_champion: bool
    bento: str | None
    """Tag and code of the Bento that holds this scorer; None where the newest one holds another, or there is none."""
    files: tuple[ReleasedFile, ...]

    @property
    def record(self) -> ScorerRecord:
        """Of the scorer."""
        return ScorerRecord.of(self.scorer)

    @property
    def name(self) -> str:
        """Of the archive, without ending, and of the folder in it."""
        return f"{self.portfolio.name}-{presented.digest(self.record.digest)}"

    def archive(self) -> bytes:
        """The ZIP file."""
        sums = "".join(f"{file.sha256}  {file.name}\n" for file in self.files)
        parts = (*self.files, ReleasedFile(SUMS, sums.encode()), ReleasedFile(INDEX, self._index().encode()))
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(parts, key=lambda one: one.name):
                entry = zipfile.ZipInfo(f"{self.name}/{file.name}", _zip_time(self.scorer.version.timestamp))
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, file.content)
        return buffer.getvalue()

    def _index(self) -> str:
        environment = jinja2.Environment(
            loader=jinja2.PackageLoader("credit_platform.governance"), autoescape=True, undefined=jinja2.StrictUndefined
        )
        record = self.record
        about = [
            ("Model", f"{presented.candidate(record.candidate)}, version {record.digest}"),
            ("Made", presented.moment(self.scorer.version.timestamp)),
            ("Refuses from", presented.percent(record.rule.threshold)),
            ("AUC, holdout", presented.decimal(record.holdout_metrics.get("auc"))),
            ("Features", f"definitions {record.feature_version}"),
            ("Bento", self.bento or "none holds this version"),
            ("State", "in use (the champion)" if self.is_champion else "not in use"),
            ("Owner", str(owner(self.portfolio).parts[0])),
        ]
        names = {file.name for file in self.files}
        return environment.get_template("release.html.j2").render(
            title=f"{self.portfolio.title}: release {presented.digest(record.digest)}",
            about=about,
            first=[(name, what) for name, what in _FIRST.items() if name in names],
            files=self.files,
        )


def gather_release(shelf: Shelf, lakehouse: Lakehouse, portfolio: Portfolio) -> Release:
    """The release of the model in use; of the newest one where none is.

    Raises:
        TableNotFoundError: there is no model yet.
        ArtefactError: nothing was written about it, or a file is not as it was stored.
    """
    name = portfolio.name
    if not lakehouse.exists(scorer_key(name)):
        raise TableNotFoundError(
            f"{name} has no model, so there is nothing to release.", f"Make one: credit-platform run {name}."
        )
    champion = promoted(champion_table(lakehouse, name))
    newest = lakehouse.read(scorer_key(name))
    stored = newest if champion is None else _made(lakehouse, name, champion.digest) or newest
    digest = ScorerRecord.of(stored).digest
    places = [model_reports_key(name, digest)]
    if digest == ScorerRecord.of(newest).digest:
        places.append(reports_key(name))  # the newest of the portfolio, which are this model's
    contents = _contents(shelf, places)
    if not contents:
        raise ArtefactError(
            f"Nothing was written about model {presented.digest(digest)} of {name}.",
            f"Write its documents: credit-platform run {name}.",
        )
    told = {"portfolio": name, "digest": digest, **_plain(stored.summary)}
    contents[MODEL] = f"{json.dumps(told, indent=2, sort_keys=True, default=str)}\n".encode()
    files = tuple(ReleasedFile(file, contents[file]) for file in sorted(contents))
    in_use = champion is not None and champion.digest == digest
    return Release(portfolio, stored, in_use, _bento_of(lakehouse, name, digest), files)


def _contents(shelf: Shelf, places: list[str]) -> dict[str, bytes]:
    """Files that lie directly below the places, by name."""
    found: dict[str, bytes] = {}
    for place in places:
        for key in shelf.store.keys(f"{place}/"):
            name = key.removeprefix(f"{place}/")
            if "/" not in name and name not in found:
                found[name] = shelf.store.get(key)
    return found


def _made(lakehouse: Lakehouse, portfolio: str, digest: str) -> StoredTable | None:
    """The newest version of models/scorer that tells of a scorer."""
    for version, summary in lakehouse.records(scorer_key(portfolio)):
        if AboutScorer.from_summary(summary).digest == digest:
            return lakehouse.read(scorer_key(portfolio), version.version)
    return None


def _bento_of(lakehouse: Lakehouse, portfolio: str, digest: str) -> str | None:
    if not lakehouse.exists(bento_key(portfolio)):
        return None
    told = AboutBento.of(lakehouse.read(bento_key(portfolio)))
    code = "" if told.source_digest is None else f", code {presented.digest(told.source_digest)}"
    return f"{told.tag}{code}" if told.digest == digest else None


def _plain(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a scorer, without where it lies on this machine."""
    return {name: value for name, value in summary.items() if name not in ("path", "folder")}


def _zip_time(moment: datetime) -> tuple[int, int, int, int, int, int]:
    return (max(moment.year, _EARLIEST), moment.month, moment.day, moment.hour, moment.minute, moment.second)
