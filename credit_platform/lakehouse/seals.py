"""Seals: what a commit says of its files and of itself, so that nothing of it can change unnoticed.

What is here: `Seal` (digest of each file, moment, the commit before), how it is written into a commit's metadata
(`seal_metadata`), and what is wrong with a commit that does not agree with its seal (`seal_fault`).
What to add here: a fact of a commit that readers rely on and that the seal does not cover yet.
What must not be here: reading logs (`log.py`), hashing files (`whole_files.py`).

The seal covers all that this package reads of a commit: every entry of ours, the files with size, rows and SHA-256, the
moment, and the seal of the commit before. Readers take the list of files from the seal, not from Delta's actions, which
`credit-platform verify` compares with it. There is no secret in it: who may write the folder and recomputes every seal
from the altered commit on is not found here (docs/adr/0019-what-is-verified.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credit_platform.lakehouse.packing import pack, unpack

SEAL_KEY = "credit_platform_seal"
"""Entry with the seal's content."""
DIGEST_KEY = "credit_platform_seal_digest"
"""Entry with the SHA-256 over all other entries of ours."""
_OURS = "credit_platform"
_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A Parquet file of a version: in the table's folder, and of these very bytes."""

    name: str
    size: int
    rows: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Previous:
    """The commit before, as a seal names it."""

    version: int
    digest: str | None
    """Its `DIGEST_KEY`; None when it carries no seal (made before seals were, or by another program)."""


@dataclass(frozen=True, kw_only=True)
class Seal:
    """What a commit says of itself."""

    moment: int
    """Milliseconds since 1970, UTC."""
    files: Mapping[str, NewFile]
    """The whole content of the version, by file name; empty for a commit that makes no version."""
    previous: Previous | None
    """None for the first commit of a table."""
    added: frozenset[str] | None = None
    """Names of those of `files` that this commit brought; None when it brought all of them."""


def seal_metadata(
    metadata: Mapping[str, Any],
    files: Sequence[NewFile],
    previous: Previous | None,
    moment: int,
    added: Sequence[str] | None = None,
) -> dict[str, Any]:
    """`metadata` of a commit with its seal; `metadata` holds entries of ours only, `added` is as in `Seal`."""
    content = {
        "format": _FORMAT,
        "moment": moment,
        "files": {file.name: [file.size, file.rows, file.sha256] for file in files},
        "previous": None if previous is None else [previous.version, previous.digest],
        **({} if added is None else {"added": sorted(added)}),
    }
    sealed = {**metadata, SEAL_KEY: pack(json.dumps(content, separators=(",", ":")))}
    return {**sealed, DIGEST_KEY: _digest(sealed)}


def seal_of(commit: Mapping[str, Any]) -> Seal | None:
    """The seal of a commit that `seal_fault` finds nothing wrong with; None when it has none."""
    if SEAL_KEY not in commit:
        return None
    content = json.loads(unpack(commit[SEAL_KEY]))
    previous = content["previous"]
    return Seal(
        moment=content["moment"],
        files={
            name: NewFile(name=name, size=size, rows=rows, sha256=sha256)
            for name, (size, rows, sha256) in content["files"].items()
        },
        previous=None if previous is None else Previous(version=previous[0], digest=previous[1]),
        added=None if content.get("added") is None else frozenset(content["added"]),
    )


def seal_fault(commit: Mapping[str, Any], added: Mapping[str, int] | None) -> str | None:
    """What does not agree with the seal of a commit, as the end of a sentence; None when nothing does or there is none.

    Args:
        commit: its metadata.
        added: size of each file that its actions add, by name; None when only the metadata are known.
    """
    if SEAL_KEY not in commit and DIGEST_KEY not in commit:
        return None
    if commit.get(DIGEST_KEY) != _digest({name: value for name, value in commit.items() if name != DIGEST_KEY}):
        return "was altered after it was written: its content does not have the digest it carries"
    seal = seal_of(commit)
    if seal is None:
        return "was altered after it was written: its seal is missing"
    brought = seal.files if seal.added is None else seal.added
    if added is not None and added != {name: file.size for name, file in seal.files.items() if name in brought}:
        return "was altered after it was written: it adds other files than its seal lists"
    return None


def chain_faults(commits: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Faults that other commits tell of commits (newest first, each without a fault of its own), by version."""
    by_version = {commit["version"]: commit for commit in commits}
    faults: dict[int, str] = {}
    for commit in commits:
        seal = seal_of(commit)
        before = by_version.get(seal.previous.version) if seal and seal.previous else None
        if seal and seal.previous and before and before.get(DIGEST_KEY) != seal.previous.digest:
            faults[seal.previous.version] = f"is not the commit that version {commit['version']} was made after"
    sealed = [commit["version"] for commit in commits if SEAL_KEY in commit]
    for commit in commits:
        if sealed and SEAL_KEY not in commit and _OURS in commit and commit["version"] > sealed[-1]:
            faults[commit["version"]] = "carries no seal, though commits before it do"
    return faults


def names_in(commit: Mapping[str, Any]) -> set[str]:
    """Names of the files that the seal of a commit lists; none when it has no seal."""
    seal = seal_of(commit)
    return set(seal.files) if seal else set()


def _digest(metadata: Mapping[str, Any]) -> str:
    ours = {name: value for name, value in metadata.items() if name.startswith(_OURS)}
    return hashlib.sha256(json.dumps(ours, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
