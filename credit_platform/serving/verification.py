"""Whether what a home holds is what was written: every kind of thing, one verifier each.

What is here: `Finding`, `VERIFIERS`, `verify_home`.
What to add here: a verifier of another thing that the lender relies on; `credit-platform verify` runs all of them.
What must not be here: mending (`lakehouse/repair.py`), and what keeps people from changing things.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from credit_platform.environment import open_to_others
from credit_platform.errors import ArtefactError, CreditPlatformError, DecisionLogError, TableNotFoundError
from credit_platform.governance.records import DocumentsRecord
from credit_platform.governance.retention import RECORDS
from credit_platform.lakehouse import Lakehouse, is_refused
from credit_platform.lakehouse.reports import shown_at
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.lakehouse.verification import State, verify_table
from credit_platform.monitoring.decision_log import DecisionStore, verify
from credit_platform.monitoring.promotion_checkpoints import verify_promotions
from credit_platform.portfolios import portfolio_names
from credit_platform.portfolios.keys import (
    command_of,
    decision_key,
    governance_key,
    is_whole,
    kind_of_artefact,
    split_key,
)
from credit_platform.scoring.folder import read_manifest, verify_files
from credit_platform.scoring.served_source import SOURCE_DIGEST, check_source
from credit_platform.scoring.stored_histories import FOLDER, rows_state
from credit_platform.serving.promoted import promoted_bento
from credit_platform.settings import Settings

_SQLITE = "sqlite:///"
DOCUMENTS = ("model_card", "validation_report")
"""Tables that say which documents were written, and where."""
_KINDS = {"scorers": "scorer", "bentos": "Bento", "histories": "stored histories", "reports": "report"}
"""Of artefacts, by the second part of their keys."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one thing."""

    kind: str
    name: str
    state: State
    message: str
    """A sentence, with the cure where something is wrong."""

    def to_dict(self) -> dict[str, str]:
        """Values that JSON can hold."""
        return asdict(self)


def verify_tables(settings: Settings, keys: Sequence[str], *, every_version: bool) -> Iterator[Finding]:
    """Tables of these keys, else all; of the record of promotions always every version."""
    root = settings.lakehouse_root
    for key in keys or Lakehouse(root).keys():
        layer = split_key(key).layer if is_whole(key) else ""
        for state in verify_table(root, key, every_version=every_version or layer in RECORDS):
            yield Finding(
                kind="table",
                name=f"{key} version {state.version}",
                state=state.state,
                message=state.message + _way_out(root, key, state.state, state.message),
            )


def verify_artefacts(settings: Settings, *, every_version: bool) -> Iterator[Finding]:
    """Whatever is stored by key: its files against their digests, and of a scorer its own manifest."""
    del every_version
    shelf = Shelf.of(settings)
    for key in shelf.all_keys():
        kind = _KINDS.get(kind_of_artefact(key), "artefact")
        yield _checked(kind, key, partial(_artefact_message, shelf, key, kind))


def verify_scorers(settings: Settings, *, every_version: bool) -> Iterator[Finding]:
    """Scorers of before artefacts had keys: files against the manifest, and that against the name of the folder."""
    del every_version
    for folder in sorted(settings.home.glob("scorers/*/*")):
        if folder.is_dir() and not folder.name.startswith("."):
            yield _checked("scorer", str(folder), partial(_scorer_message, folder, folder.name))


def verify_bentos(settings: Settings, *, every_version: bool) -> Iterator[Finding]:
    """Bentos as they lie in the home: their code against the digest of its promotion, by Bento or table."""
    del every_version
    served = {}
    for name in portfolio_names():
        try:
            promoted = promoted_bento(settings, name)
        except CreditPlatformError:  # told where tables are verified
            continue
        if promoted is not None:
            served[promoted.path.resolve()] = promoted.source_digest
    for folder in sorted(settings.home.glob("bentos/bentos/*/*")):
        if (folder / "src").is_dir():
            digest = served.get(folder.resolve())
            yield _checked("Bento", str(folder), partial(_bento_message, folder, digest))


def bento_fault(folder: Path) -> str | None:
    """What keeps the folder of a Bento from being whole, as a sentence; None when nothing does."""
    try:
        if not (folder / "bento.yaml").is_file():
            return "It lacks bento.yaml."
        _bento_message(folder, None)
        histories = folder / "src" / FOLDER
        state, message = rows_state(histories) if histories.is_dir() else ("whole", "")
    except CreditPlatformError as error:
        return str(error)
    return message if state == "damaged" else None


def verify_histories(settings: Settings, *, every_version: bool) -> Iterator[Finding]:
    """Stored histories in Bentos, as they lie in the home."""
    del every_version
    for folder in sorted(settings.home.glob(f"bentos/bentos/*/*/src/{FOLDER}")):
        yield _checked("stored histories", str(folder), partial(rows_state, folder))


def verify_documents(settings: Settings, *, every_version: bool) -> Iterator[Finding]:
    """Model cards and validation reports against the digests in their tables, and the copies that people look at."""
    lakehouse, shelf = Lakehouse(settings.lakehouse_root), Shelf.of(settings)
    for table in (governance_key(portfolio, name) for portfolio in portfolio_names() for name in DOCUMENTS):
        try:
            versions = lakehouse.versions(table)
            wanted = versions if every_version else versions[:1]
            records = [DocumentsRecord.of(lakehouse.read(table, each.version)) for each in wanted]
        except CreditPlatformError:  # told where tables are verified
            continue
        # The same model writes the same files again: the newest version that names a file speaks for it.
        newest = {record.named(name, shelf): (record, name) for record in reversed(records) for name in record.files}
        for named, (record, name) in newest.items():
            digest = (record.sha256 or {}).get(name)
            yield _checked(
                "document", named, partial(_document_message, table, partial(record.path, name, shelf), digest)
            )
            shown = None if record.key is None else shown_at(shelf.home, record.key) / name
            if shown is not None and shown.is_file():
                yield _checked("document", str(shown), partial(_document_message, table, partial(Path, shown), digest))


def verify_privacy(settings: Settings, *, every_version: bool) -> Iterator[Finding]:
    """Whether other accounts may enter the home."""
    del every_version
    home = settings.home.resolve()
    if home.is_dir():
        wide = open_to_others(home)
        cure = f"Other accounts may enter it. Close it: chmod 700 {home}"
        message = cure if wide else "Only its owner may enter it."
        yield Finding(kind="home", name=str(home), state="unverified" if wide else "whole", message=message)


def verify_decisions(settings: Settings, *, every_version: bool) -> Iterator[Finding]:  # noqa: ARG001  # as the others
    """The decision log against its chain and the checkpoints outside its database; nothing where there is none yet."""
    url = settings.decision_log
    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).is_file():
        return
    store = DecisionStore(url, settings.decision_checkpoints)
    try:
        found = verify(store)
    except DecisionLogError as error:
        yield Finding(kind="decision log", name=store.where, state="damaged", message=str(error))
        return
    told = found.findings[0].what if found.findings else f"{found.decisions} decisions hold."
    more = f" And {len(found.findings) - 1} more: credit-platform decisions verify." if len(found.findings) > 1 else ""
    state: State = "whole" if found.is_clean else "damaged"
    yield Finding(kind="decision log", name=store.where, state=state, message=told + more)


def verify_promotion_history(settings: Settings, *, every_version: bool) -> Iterator[Finding]:  # noqa: ARG001  # as above
    """The promotion histories against the checkpoints outside their tables."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    for portfolio in portfolio_names():
        seals = lakehouse.seals(decision_key(portfolio))
        if not seals:
            continue
        try:
            found = verify_promotions(settings, portfolio, seals)
        except DecisionLogError as error:
            yield Finding(kind="promotions", name=portfolio, state="damaged", message=str(error))
            continue
        held = f"{found.covered} of {len(seals)} records are vouched for outside the table."
        state: State = "damaged" if found.findings else ("whole" if not found.uncovered else "unverified")
        yield Finding(kind="promotions", name=portfolio, state=state, message=" ".join(found.findings) or held)


VERIFIERS: list[Callable[..., Iterator[Finding]]] = [
    verify_privacy,
    verify_artefacts,
    verify_scorers,
    verify_bentos,
    verify_histories,
    verify_documents,
    verify_decisions,
    verify_promotion_history,
]
"""Called with the settings and `every_version`, after the tables."""


def verify_home(settings: Settings, keys: Sequence[str] = (), *, every_version: bool = False) -> Iterator[Finding]:
    """Verify tables of these keys with all their versions, or, without keys, everything in the home.

    Args:
        settings: whose home and lakehouse.
        keys: of tables.
        every_version: without keys, older versions of tables and documents, too.

    Raises:
        TableNotFoundError: there is no table of a key.
    """
    known = Lakehouse(settings.lakehouse_root).keys()
    for key in keys:
        if key not in known:
            listed = ", ".join(one for one in known if not is_refused(one)) or "none yet"
            raise TableNotFoundError(f"There is no table {key!r}.", f"Tables: {listed}.")
    yield from verify_tables(settings, keys, every_version=every_version or bool(keys))
    if not keys:
        for verifier in VERIFIERS:
            yield from verifier(settings, every_version=every_version)


def _checked(kind: str, name: str, check: Callable[[], tuple[State, str]]) -> Finding:
    try:
        state, message = check()
    except CreditPlatformError as error:
        state, message = "damaged", str(error)
    return Finding(kind=kind, name=name, state=state, message=message)


def _artefact_message(shelf: Shelf, key: str, kind: str) -> tuple[State, str]:
    path = shelf.store.local(key)
    if kind == "scorer":
        return _scorer_message(path, key.rpartition("/")[2])
    return "whole", "It is as it was stored."


def _scorer_message(folder: Path, name: str) -> tuple[State, str]:
    listed, digest = read_manifest(folder)
    verify_files(folder, listed)
    if not digest.startswith(name):
        return "damaged", f"Its digest is {digest[:16]}, and it is named after another. Train again."
    return "whole", f"{len(listed)} files are as they were written."


def _bento_message(folder: Path, digest: str | None) -> tuple[State, str]:
    verify_files(folder / "src" / "scorer", read_manifest(folder / "src" / "scorer")[0])
    if check_source(folder / "src", digest):
        return "whole", f"Its code has the {SOURCE_DIGEST.replace('_', ' ')} of its promotion."
    return "unverified", "It was made before digests of code were kept; the next promotion records one."


def _document_message(table: str, find: Callable[[], Path], sha256: str | None) -> tuple[State, str]:
    cure = f"Write it again: credit-platform run {split_key(table).portfolio} --from {table.partition('/')[2]}"
    try:
        path = find()
    except ArtefactError as error:
        return "damaged", f"{error.what} {cure}"
    if not path.is_file():
        return "damaged", f"It is missing. {cure}"
    if sha256 is None:
        return "unverified", "It was written before digests of documents were kept."
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        return "damaged", f"It was altered after it was written. {cure}"
    return "whole", "It is as it was written."


def _way_out(root: str, key: str, state: State, message: str) -> str:
    if state != "damaged" or "credit-platform" in message:
        return ""
    whole = [one.version for one in verify_table(root, key, every_version=True) if one.state == "whole"]
    read = f" Version {whole[0]} is whole: --version {whole[0]}." if whole else ""
    return f"{read} Restore it from a backup, or make the table again: {command_of(key)}"
