"""The code that a Bento serves with: nothing in it is compiled, and a digest covers all of it.

What is here: `seal_source` (at promotion), `check_source` (at every start), `source_digest`.
What to add here: another file below `src/` that changes while the code does not.
What must not be here: building Bentos (`serving/bentos.py`), loading the scorer (`scorer.py`).

Python would run a compiled module in `__pycache__` in place of the source that the digest covers. So in each folder of
the code lies a *file* of that name: nothing can be compiled into it, whoever starts the service and however.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from credit_platform.errors import ScorerError
from credit_platform.files.durable import write_synced
from credit_platform.scoring.folder import PROMOTION
from credit_platform.scoring.stored_histories import FOLDER as HISTORIES

SOURCE_DIGEST = "source_digest"
"""Where `promotion.json` and the table `serving/bento` hold the digest."""
PROMOTED_BY = "promoted_by"
"""Where they hold the id of the run that promoted the scorer."""
_COMPILED = "__pycache__"
_WHY = b"A file, so that Python keeps no compiled code here: the digest of this folder covers source.\n"


def source_digest(source: Path) -> str:
    """SHA-256 (hex) over the `src/` folder of a Bento: names and bytes of all files.

    Left out are what changes while it serves: `promotion.json`, the stored histories (erasure reaches them; they are
    checked on their own), and hidden entries at the top, which nothing imports.
    """
    digest = hashlib.sha256()
    for name, file in sorted(_covered(source)):
        with file.open("rb") as opened:
            digest.update(f"{name}\0{hashlib.file_digest(opened, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


def seal_source(source: Path) -> str:
    """Remove compiled code, keep more from being made, and give the digest of what is left."""
    for compiled in [path for path in source.rglob(_COMPILED) if path.is_dir()]:
        shutil.rmtree(compiled)
    for folder in {file.parent for file in source.rglob("*.py")}:
        if not (folder / _COMPILED).exists():
            (folder / _COMPILED).write_bytes(_WHY)
    return source_digest(source)


def record_promotion(source: Path, promoted_at: str | None, promoted_by: str | None = None) -> str:
    """Write into a Bento when its scorer was promoted (ISO 8601), by which run, and which code serves it.

    Returns:
        The digest of that code.

    A Bento of before, which has no digest yet, is sealed as it is now.
    """
    known = recorded(source).get(SOURCE_DIGEST)
    digest = seal_source(source) if known is None else str(known)
    facts = {"promoted_at": promoted_at, PROMOTED_BY: promoted_by}
    said = {name: fact for name, fact in facts.items() if fact is not None}
    write_synced(source / PROMOTION, json.dumps({**said, SOURCE_DIGEST: digest}).encode())
    return digest


def recorded(source: Path) -> dict[str, Any]:
    """What `promotion.json` of a Bento says; nothing when there is none, or it says nothing."""
    file = source / PROMOTION
    try:
        said = json.loads(file.read_bytes()) if file.is_file() else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def check_source(source: Path, expected: str | None = None) -> bool:
    """Compare the code in `src/` of a Bento with its digest.

    Args:
        source: the folder.
        expected: the digest that was recorded elsewhere; by default the one in the Bento itself.

    Returns:
        Whether there was a digest to compare with: a Bento made before there were any has none.

    Raises:
        ScorerError: a file was altered, added or removed, or compiled code lies among the source.
    """
    known = expected or recorded(source).get(SOURCE_DIGEST)
    cure = _cure(source)
    if known is None:
        if (source / "bento" / _COMPILED).is_file():
            raise ScorerError(f"{source / PROMOTION} does not say which code was promoted.", cure)
        return False
    if not source.is_dir():
        again = _command(source, "models/scorer")
        raise ScorerError(
            f"{source.parent} is not there: the Bento was removed, or the home was moved since.",
            f"Move it back, or make scorer and Bento again{again}.",
        )
    compiled = next((path for path in source.rglob("*.pyc")), None)
    if compiled is not None:
        raise ScorerError(f"{compiled} is compiled code, which no digest covers.", cure)
    if source_digest(source) != known:
        raise ScorerError(f"The code in {source} is not the one that was promoted: a file was changed.", cure)
    return True


def _cure(source: Path) -> str:
    return f"Build the Bento again{_command(source, 'serving/bento')}, or restore it from a backup."


def _command(source: Path, start: str) -> str:
    """How to; a Bento of the platform lies in a folder that names its portfolio."""
    portfolio, is_ours, _ = source.absolute().parent.parent.name.partition("_scoring")
    return f": credit-platform run {portfolio} --from {start}" if is_ours else ""


def _covered(source: Path) -> Iterator[tuple[str, Path]]:
    for file in source.rglob("*"):
        inside = file.relative_to(source)
        if inside.parts[0] not in {PROMOTION, HISTORIES} and not inside.parts[0].startswith(".") and file.is_file():
            yield inside.as_posix(), file
