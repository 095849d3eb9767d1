"""Checkpoints in an object store, where nothing can be appended to: each line is an object of its own.

What is here: `RemoteFolder`, `read_remote`, `put_line`, `put_together`.
What to add here: nothing about what lines say (`checkpoints.py`).
What must not be here: the platform's own stores (`credit_platform.lakehouse`): the service carries this room.

`<root>/<log>/<writer>/00000042-00000042.jsonl` is the 42nd line of a writer. It is put on the condition that there is
none of that name (`If-None-Match: *`), so that nothing is written over, and two that continue one writer find out about
each other. Many lines are put together in one object (`00000001-00000256.jsonl`) by whoever wrote them, so that a start
need not read a hundred thousand; the single ones go then, where the bucket lets them (object lock may forbid it).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from credit_platform.errors import DecisionLogError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_PIECE: Final = re.compile(r"(.+)/(\d{8})-(\d{8})\.jsonl")
_ATTEMPTS: Final = 5
_AT_ONCE: Final = 16
# A writer of decisions waits meanwhile; a checkpoint that fails is tried again with the next one.
_CLIENT: Final[ClientConfig] = {"connect_timeout": timedelta(seconds=2), "timeout": timedelta(seconds=5)}
_RETRY: Final[RetryConfig] = {"max_retries": 3, "retry_timeout": timedelta(seconds=5)}
_CURE: Final = "Check CREDIT_PLATFORM_DECISION_CHECKPOINTS, the bucket, and the rights of the key (AWS_…)."


@dataclass(frozen=True)
class RemoteFolder:
    """A folder in an object store, such as `s3://bucket/checkpoints`; used as a `Path` where it stands for one."""

    address: str

    def __truediv__(self, name: str) -> RemoteFolder:
        """What lies in it under a name."""
        return RemoteFolder(f"{self.address.rstrip('/')}/{name}")

    def __str__(self) -> str:
        """Its address."""
        return self.address

    @property
    def parent(self) -> RemoteFolder:
        """The folder that holds it."""
        return RemoteFolder(self.address.rstrip("/").rpartition("/")[0])

    @property
    def name(self) -> str:
        """The last part of its address."""
        return self.address.rstrip("/").rpartition("/")[2]


def read_remote(folder: RemoteFolder) -> dict[str, bytes]:
    """The lines of every writer, each ended by a line break.

    Raises:
        DecisionLogError: the store cannot be reached or read.
    """
    with _reaching(folder) as store:
        for attempt in range(_ATTEMPTS):
            try:
                return _read(store)
            except FileNotFoundError:  # put together between listing and reading
                if attempt == _ATTEMPTS - 1:
                    raise
    raise AssertionError("The last attempt returns or raises.")


def put_line(folder: RemoteFolder, writer: str, number: int, line: bytes) -> bool:
    """Store a line under a number that is free; whether it is there now, False where another line is.

    Raises:
        DecisionLogError: the store cannot be reached, or takes nothing.
    """
    import obstore  # noqa: PLC0415  # as below

    content, name = line + b"\n", _name(writer, number, number)
    with _reaching(folder) as store:
        try:
            obstore.put(store, name, content, mode="create", use_multipart=False)
        except obstore.exceptions.AlreadyExistsError:
            # Of an attempt whose answer was lost, or somebody else's.
            return bytes(obstore.get(store, name).bytes()) == content
    return True


def put_together(folder: RemoteFolder, writer: str, first: int, lines: Sequence[bytes]) -> None:
    """Put lines that are stored already together in one object, and remove the single ones where the bucket lets it.

    Raises:
        DecisionLogError: the store cannot be reached.
    """
    import obstore  # noqa: PLC0415  # as below

    last = first + len(lines) - 1
    with _reaching(folder) as store:
        content = b"".join(line + b"\n" for line in lines)
        obstore.put(store, _name(writer, first, last), content, mode="create", use_multipart=False)
        with suppress(obstore.exceptions.BaseError, OSError):
            obstore.delete(store, [_name(writer, number, number) for number in range(first, last + 1)])


def _read(store: Any) -> dict[str, bytes]:
    import obstore  # noqa: PLC0415  # as below

    names = [entry["path"] for chunk in obstore.list(store) for entry in chunk]
    pieces: dict[str, list[tuple[int, int]]] = {}
    for name in names:
        if match := _PIECE.fullmatch(name):
            pieces.setdefault(match[1], []).append((int(match[2]), int(match[3])))
    chosen = {writer: _chosen(found) for writer, found in pieces.items()}
    wanted = [(writer, piece) for writer in sorted(chosen) for piece in chosen[writer]]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        contents = list(pool.map(lambda one: bytes(obstore.get(store, _name(one[0], *one[1])).bytes()), wanted))
    found = dict.fromkeys(sorted(chosen), b"")
    for (writer, _), content in zip(wanted, contents, strict=True):
        found[writer] += content
    return found


def _chosen(pieces: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces that hold each line once, the longest first; a gap shows: the line behind it names none before it."""
    chosen: list[tuple[int, int]] = []
    for first, last in sorted(pieces, key=lambda one: (one[0], -one[1])):
        if not chosen or first > chosen[-1][1]:
            chosen.append((first, last))
    return chosen


def _name(writer: str, first: int, last: int) -> str:
    return f"{writer}/{first:08}-{last:08}.jsonl"


@contextmanager
def _reaching(folder: RemoteFolder) -> Iterator[Any]:
    """The store at a folder.

    Raises:
        DecisionLogError: it cannot be reached or used inside the block.
    """
    try:
        import obstore  # noqa: PLC0415  # as above
        from obstore.store import from_url  # noqa: PLC0415  # as above
    except ImportError:
        raise DecisionLogError(
            f"The checkpoints of the decision log lie in {folder}, and obstore is not installed here.",
            "Install it: pip install obstore",
        ) from None
    allowed = os.environ.get("AWS_ALLOW_HTTP", "false").lower() in {"true", "1", "yes", "on"}
    try:
        yield from_url(folder.address, client_options={**_CLIENT, "allow_http": allowed}, retry_config=_RETRY)
    except (obstore.exceptions.BaseError, OSError) as error:
        # Without the library's words: an answer to a wrong key may quote what was signed.
        raise DecisionLogError(
            f"The checkpoints of the decision log in {folder} cannot be used ({type(error).__name__}).", _CURE
        ) from None
