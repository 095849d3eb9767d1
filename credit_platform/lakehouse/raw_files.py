"""Where the raw files of a portfolio are, whether there are any, and whether they are synthetic."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from credit_platform.errors import CreditPlatformError, GenerationError, RawFileError
from credit_platform.files.names import find_raw_file, present_names, present_twice, raw_names, similar_names
from credit_platform.lakehouse.lakehouse import Lakehouse
from credit_platform.lakehouse.raw_mirror import RawMirror
from credit_platform.lakehouse.store_errors import shown
from credit_platform.lakehouse.verdicts import refused_key
from credit_platform.lakehouse.versions import TableVersion
from credit_platform.portfolios import has_generator
from credit_platform.portfolios.generator import SYNTHETIC_MARKER
from credit_platform.portfolios.keys import raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.settings import Settings


def raw_folder(settings: Settings, portfolio: Portfolio) -> Path:
    """Folder to read from: the one the user named or filled, else the one shipped with the package.

    A folder named by the user is used even when it is empty, so that a wrong path is an error and not silently
    replaced by the shipped files. The same goes for a home that holds, or ever ingested, files of the user's: when
    those are archived or renamed, what was made of them stays in force. Of files in an object store it is the folder of
    their copies, which are made equal to them first.

    Raises:
        StorageError: the object store cannot be read.
        RawFileError: its files are replaced again and again while they are copied.
    """
    if (mirror := raw_mirror(settings, portfolio)) is not None:
        return mirror.refresh()
    folder = settings.raw_folder(portfolio.name)
    if settings.raw is not None or portfolio.bundled_raw is None or is_used(folder):
        return folder
    return folder if ingested_own_files(settings, portfolio) else portfolio.bundled_raw


OUTCOMES = "outcomes"
"""Folder beside the raw files into which files of outcomes are dropped; it is no raw file, whatever lies in it."""


def raw_mirror(settings: Settings, portfolio: Portfolio) -> RawMirror | None:
    """The folder of an object store where raw files are, with that of their copies; None where they are here."""
    url = settings.raw_url(portfolio.name)
    return None if url is None else RawMirror(url, settings.raw_folder(portfolio.name))


def outcomes_mirror(settings: Settings, portfolio: Portfolio) -> RawMirror | None:
    """The same for files of outcomes: the folder `OUTCOMES` beside the raw files."""
    url = settings.raw_url(portfolio.name)
    folder = settings.raw_folder(portfolio.name) / OUTCOMES
    return None if url is None else RawMirror(f"{url}/{OUTCOMES}", folder)


def folder_to_fill(portfolio: str, settings: Settings) -> Path:
    """Folder into which raw files are generated, for `run` to read them there.

    Raises:
        GenerationError: raw files are read from an object store.
    """
    if (url := settings.raw_url(portfolio)) is not None:
        raise GenerationError(
            f"Files are generated into a folder, and raw files of {portfolio} are read from {shown(url)}.",
            "Name a folder with --out, and copy the files to the store.",
        )
    return settings.raw_folder(portfolio)


@contextmanager
def told_by_address(settings: Settings, portfolio: Portfolio) -> Iterator[None]:
    """Let errors in the block name raw files and outcomes where they are, and not the copies that were read."""
    try:
        yield
    except CreditPlatformError as error:
        mirror = raw_mirror(settings, portfolio)
        if mirror is None:
            raise
        raise type(error)(mirror.told(error.what), mirror.told(error.cure)) from error


def raw_address(settings: Settings, portfolio: Portfolio, path: Path) -> str:
    """Where a raw file or one of outcomes is that was read at `path`: the path itself, or an address in a store."""
    mirror = raw_mirror(settings, portfolio)
    return str(path) if mirror is None else mirror.told(str(path))


def is_used(folder: Path) -> bool:
    """Whether anybody put anything into `folder`; a file of another name, or in other letters, is the user's, too."""
    there = (entry.name for entry in folder.iterdir()) if folder.is_dir() else ()
    return any(not name.startswith(".") and name != OUTCOMES for name in there)


def ingested_own_files(settings: Settings, portfolio: Portfolio) -> bool:
    """Whether this home ever read a raw file that is not the shipped one, whatever became of it since."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    for table in portfolio.tables:
        key = raw_key(portfolio.name, table.name)
        for version in [*lakehouse.ever(key), *lakehouse.ever(refused_key(key))]:
            if not _is_shipped(version, portfolio, table):
                return True
    return False


def _is_shipped(version: TableVersion, portfolio: Portfolio, table: SourceTable) -> bool:
    if version.bundled is not None:
        return version.bundled
    # Versions from before this was recorded are known by the digest of their file.
    return version.source_hashes.get(table.file_name) in (None, _shipped_digest(portfolio, table))


def _shipped_digest(portfolio: Portfolio, table: SourceTable) -> str | None:
    path = portfolio.bundled_raw and portfolio.bundled_raw / table.file_name
    if path is None or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_bundled(path: Path, portfolio: Portfolio) -> bool:
    """Whether `path` is the file that the package ships, wherever it was named."""
    return portfolio.bundled_raw is not None and path.resolve().parent == portfolio.bundled_raw.resolve()


def has_files(folder: Path, portfolio: Portfolio) -> bool:
    """Whether any raw file of `portfolio` lies in `folder`, also packed, or under a name that only looks like it."""
    names = [table.file_name for table in portfolio.tables]
    return any(present_names(folder, name) or similar_names(folder / name) for name in names)


def require_files(settings: Settings, portfolio: Portfolio, table: SourceTable) -> None:
    """Refuse a missing file where more can be said of it than that; else the reader reports it.

    Raises:
        RawFileError: no raw file of `portfolio` is there, and generating them is the cure; or the file of `table` is
            missing from a home whose own files the shipped ones must not replace.
    """
    folder = raw_folder(settings, portfolio)
    if has_generator(portfolio.name) and not has_files(folder, portfolio):
        raise RawFileError(
            f"Folder {folder} holds none of the {len(portfolio.tables)} raw files of {portfolio.title}.",
            "Put them there, point to their folder with --raw, or make synthetic ones: "
            f"credit-platform generate {portfolio.name} --scale 0.02 --out {shlex.quote(str(folder))}",
        )
    missing = portfolio.bundled_raw is not None and not is_used(folder)
    if missing and not (folder / table.file_name).exists():
        why = "no such folder" if not folder.is_dir() else "the folder is empty"
        raise RawFileError(
            f"File {folder / table.file_name} does not exist ({why}).",
            f"Put {table.file_name} back there, or point to its folder with --raw."
            + (
                " The shipped demonstration file is not read in its place: this home has ingested a file of its own."
                if settings.raw is None
                else ""
            ),
        )


def raw_file(settings: Settings, portfolio: Portfolio, table: SourceTable) -> Path:
    """Path of the CSV file of `table`, plain or packed; it may not exist, which ingestion reports with its cure.

    Raises:
        RawFileError: it is there twice.
    """
    return find_raw_file(raw_folder(settings, portfolio), table.file_name)


def is_synthetic(settings: Settings, portfolio: Portfolio) -> bool:
    """Whether the raw files were made by a generator."""
    return is_generated(raw_folder(settings, portfolio))


def is_generated(folder: Path) -> bool:
    """Whether the files in `folder` came from a generator."""
    return (folder / SYNTHETIC_MARKER).exists()


@dataclass(frozen=True, slots=True)
class RawFileState:
    """What tells one content of a raw file from another, without reading it."""

    fingerprint: tuple[int | str, ...]
    """Another one after each write and each replacement."""
    written_at: float | None
    """When it was last written to, in seconds since 1970; None where it appears in one piece, in an object store."""


def raw_states(settings: Settings, portfolio: Portfolio) -> dict[str, RawFileState | None]:
    """The state of each raw file of `portfolio`, by its path or address; None of one that is missing or out of reach.

    Nothing is read, and of an object store nothing is copied.

    Raises:
        RawFileError: a file is there twice.
        StorageError: the object store cannot be read.
    """
    if (mirror := raw_mirror(settings, portfolio)) is not None:
        return _states_of_objects(mirror, portfolio)
    paths = [raw_file(settings, portfolio, table) for table in portfolio.tables]
    return {str(path): _state_of_file(path) for path in paths}


def _states_of_objects(mirror: RawMirror, portfolio: Portfolio) -> dict[str, RawFileState | None]:
    listing, states = mirror.listing(), dict[str, RawFileState | None]()
    for table in portfolio.tables:
        found = [name for name in raw_names(table.file_name) if name in listing]
        if len(found) > 1:
            raise present_twice(mirror.told(str(mirror.folder)), found)
        address = mirror.told(str(mirror.folder / (found[0] if found else table.file_name)))
        states[address] = RawFileState((listing[found[0]].tag,), None) if found else None
    return states


def _state_of_file(path: Path) -> RawFileState | None:
    try:
        status = path.stat()
    except OSError:  # gone between two looks, or out of reach: as good as missing
        return None
    # The time of the inode's last change cannot be set back.
    fingerprint = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return RawFileState(fingerprint, status.st_ctime)
