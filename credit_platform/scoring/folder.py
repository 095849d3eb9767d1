"""The folder of a scorer on disk: written at once, checked when read.

What is here: manifest, digest, atomic writing, verification.
What must not be here: what the files mean (`parts.py`).

`manifest.json` lists the SHA-256 of each file that determines an answer. The digest is the SHA-256 of that list, so it
depends on content only. `provenance.json` (when, by which run) is checked against the manifest too, but is left out of
the digest: training twice on the same data gives the same digest.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from credit_platform.errors import ScorerError
from credit_platform.features import feature_version, is_version_of
from credit_platform.files.durable import make_folder, replace_synced, sync_tree
from credit_platform.portfolios.portfolio import Portfolio

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
PROVENANCE = "provenance.json"
PROMOTION = "promotion.json"
"""Beside a scorer's folder where it is in production: when it was promoted, which is not known when it is saved."""

_MOVED = "Name the one where it lies; where the home was moved, make it again: run the portfolio --from models/scorer."
_COPY_AGAIN = "Copy the whole folder again from where it was built, or build the scorer again."


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def digest_of(files: Mapping[str, bytes]) -> str:
    """Digest (64 hex digits) of a scorer with these files, `PROVENANCE` not among them."""
    return _digest({name: _sha256(content) for name, content in files.items()})


def write_folder(folder: Path, files: Mapping[str, bytes], provenance: bytes) -> None:
    """Write files, provenance and manifest so that `folder` holds all of them or what it held before.

    Raises:
        ScorerError: `folder` exists and is not a scorer's, so it is not overwritten.
    """
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise ScorerError(
            f"{folder} exists and is not a scorer.", "Save the scorer elsewhere, or move that folder away."
        )
    manifest = {
        "format_version": FORMAT_VERSION,
        "files": {name: _sha256(content) for name, content in files.items()},
        "provenance": _sha256(provenance),
    }
    make_folder(folder.parent)
    fresh = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    fresh.mkdir()
    try:
        for name, content in {**files, PROVENANCE: provenance, MANIFEST: canonical_json(manifest)}.items():
            (fresh / name).write_bytes(content)
        _replace(folder, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read_manifest(folder: Path) -> tuple[dict[str, str], str]:
    """Hash of each file (provenance included), and the digest.

    Raises:
        ScorerError: the manifest is missing, unreadable, or of another format version.
    """
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_bytes())
        version = manifest["format_version"]
        files = {str(name): str(value) for name, value in manifest["files"].items()}
        listed = {**files, PROVENANCE: str(manifest["provenance"])}
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise ScorerError(f"The scorer's folder {folder} is not there.", _MOVED) from error
        raise ScorerError(f"{path} is missing: this is not a scorer folder.", _COPY_AGAIN) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScorerError(f"{path} cannot be read: {error!r}.", _COPY_AGAIN) from error
    if version != FORMAT_VERSION:
        raise ScorerError(
            f"{folder} has format version {version!r}; this code reads {FORMAT_VERSION}.",
            "Load it with the version of credit_platform that made it, or build the scorer again.",
        )
    return listed, _digest(files)


def verify_files(folder: Path, listed: Mapping[str, str]) -> None:
    """Compare each listed file with its hash.

    Raises:
        ScorerError: a file is missing or altered; it is named.
    """
    for name, expected in listed.items():
        path = folder / name
        if not path.is_file():
            raise ScorerError(f"{path} is missing.", _COPY_AGAIN)
        if _sha256(path.read_bytes()) != expected:
            raise ScorerError(f"{path} was altered after the scorer was built.", _COPY_AGAIN)


def check_features(portfolio: Portfolio, trained_with: str, path: Path) -> None:
    """Compare the feature definitions of this code with those that a scorer was trained with.

    Raises:
        ScorerError: they differ.
    """
    if not is_version_of(portfolio, trained_with):
        raise ScorerError(
            f"{path} was trained with feature definitions {trained_with}; this code has {feature_version(portfolio)}.",
            "Load it with the version of credit_platform that made it, or train again.",
        )


def _replace(folder: Path, fresh: Path) -> None:
    """Put `fresh` in the place of `folder`, by renaming only."""
    if not folder.exists():
        replace_synced(fresh, folder)
        return
    old = fresh.with_suffix(".old")
    sync_tree(fresh)
    folder.rename(old)
    replace_synced(fresh, folder)
    shutil.rmtree(old)


def _digest(hashes: Mapping[str, str]) -> str:
    return _sha256(canonical_json({"format_version": FORMAT_VERSION, "files": dict(hashes)}))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
