"""API keys of the scoring service: made once, stored as hashes, read again when the file changes.

What is here: `Scope`, `ApiKey`, the file of keys (`KeyFile`) and what the service asks (`KeyRing`).
What to add here: a property of a key that the service must respect.
What must not be here: HTTP, and the keys themselves: only whoever creates one sees it.

A key is `cp_<id>_<secret>`: 8 hex digits to name it, then 256 random bits. A guess is hopeless whatever the hash, so
SHA-256 is enough, and quick enough for every request; a slow hash such as scrypt is for passwords that people choose.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from credit_platform.errors import ApiKeyError
from credit_platform.files.durable import write_synced

LOGGER = logging.getLogger("credit_platform.api_keys")
PREFIX = "cp"
MAX_NAME = 64
"""Most characters of a key's name; request ids belong to it, and the decision log keeps both together."""
_FORMAT = 1
_CURE = "Restore the file, or make new keys: credit-platform keys create."


class Scope(StrEnum):
    """What a key may do."""

    SCORE = "score"
    """Ask for decisions."""
    EXPLAIN = "explain"
    """Ask for explanations."""
    ADMIN = "admin"
    """Read metrics and model information."""


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key as it is stored: without its secret."""

    id: str
    name: str
    """Who uses it, for people."""
    sha256: str
    """SHA-256 of the whole key, 64 hex digits."""
    scopes: tuple[Scope, ...]
    created_at: str
    """UTC, ISO 8601."""
    expires_at: str | None = None
    revoked_at: str | None = None
    rate: float | None = None
    """Requests a second; None for the service's default."""
    unlimited: bool = False
    """No rate limit at all: for the key of whoever started the service."""

    @property
    def client(self) -> str:
        """Who asks, as the decision log has it: the name, which keys that follow one another share."""
        return self.name if _is_name(self.name) else self.id

    def is_active(self, now: datetime) -> bool:
        """Whether it may be used at `now`."""
        expired = self.expires_at is not None and datetime.fromisoformat(self.expires_at) <= now
        return self.revoked_at is None and not expired


def new_key(
    name: str,
    scopes: Iterable[Scope],
    *,
    expires_at: datetime | None = None,
    rate: float | None = None,
) -> tuple[str, ApiKey]:
    """Make a key; returns the key, which is nowhere else, and what to store of it.

    Keys of one name are one client: they share what its request ids name.

    Raises:
        ApiKeyError: the name is empty, too long, or cannot be printed.
    """
    if not _is_name(name):
        raise ApiKeyError(
            f"The name of a key must be a text of 1 to {MAX_NAME} printable characters without blanks at its ends.",
            "Name who will use it, such as: branch-12.",
        )
    number = secrets.token_hex(4)
    text = f"{PREFIX}_{number}_{secrets.token_urlsafe(32)}"
    stored = ApiKey(
        id=number,
        name=name,
        sha256=_hash(text),
        scopes=tuple(sorted(set(scopes))),
        created_at=_now().isoformat(timespec="seconds"),
        expires_at=None if expires_at is None else expires_at.astimezone(UTC).isoformat(timespec="seconds"),
        rate=rate,
    )
    return text, stored


def _is_name(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and name.isprintable() and name.strip() == name


def new_owner_key() -> tuple[str, str]:
    """Make a key for whoever starts a service: returns the key and the value of `CREDIT_PLATFORM_OWNER_KEY`."""
    text, stored = new_key("owner", Scope)
    return text, f"{stored.id}:{stored.sha256}"


def owner_key(variable: str) -> ApiKey:
    """The key in `CREDIT_PLATFORM_OWNER_KEY`: all scopes, no limit of rate."""
    number, _, digest = variable.partition(":")
    created = _now().isoformat(timespec="seconds")
    return ApiKey(id=number, name="owner", sha256=digest, scopes=tuple(Scope), created_at=created, unlimited=True)


class KeyFile:
    """The JSON file of keys; only its owner may read it."""

    def __init__(self, path: Path) -> None:
        """Name the file; it need not exist."""
        self.path = path

    def read(self) -> list[ApiKey]:
        """All keys, also revoked ones; none when there is no file.

        Raises:
            ApiKeyError: the file cannot be read or is damaged.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ApiKeyError(
                f"{self.path} cannot be read: {error.strerror}.", "Let the service's user read it."
            ) from None
        return parse_keys(content, str(self.path))

    def add(self, key: ApiKey) -> None:
        """Store a key.

        Raises:
            ApiKeyError: the file is damaged or cannot be written.
        """
        self.change(lambda keys: [*keys, key])

    def revoke(self, key_id: str) -> ApiKey:
        """Revoke a key at once; a key that is revoked already stays as it is.

        Raises:
            ApiKeyError: there is no such key, or the file is damaged or cannot be written.
        """
        now = _now().isoformat(timespec="seconds")

        def revoked(keys: Sequence[ApiKey]) -> list[ApiKey]:
            if key_id not in {key.id for key in keys}:
                raise ApiKeyError(f"{self.where} has no key {key_id}.", "credit-platform keys list shows the ids.")
            return [replace(key, revoked_at=key.revoked_at or now) if key.id == key_id else key for key in keys]

        return next(key for key in self.change(revoked) if key.id == key_id)

    @property
    def where(self) -> str:
        """Where the keys are kept, for people."""
        return str(self.path)

    def change(self, edit: Callable[[Sequence[ApiKey]], list[ApiKey]]) -> list[ApiKey]:
        """Put what `edit` makes of the keys in their place, one process at a time; returns it.

        Raises:
            ApiKeyError: the file is damaged or cannot be written.
        """
        with self._locked():
            keys = edit(self.read())
            # Made readable for the owner only, not made so later.
            write_synced(self.path, dump_keys(keys), mode=0o600)
            return keys

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep two commands from losing each other's keys."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise ApiKeyError(
                f"{self.path} cannot be written: {error.strerror}.", "Mend the folder's rights."
            ) from error


def dump_keys(keys: Iterable[ApiKey]) -> bytes:
    """The content of a key file."""
    content = json.dumps({"format": _FORMAT, "keys": [asdict(key) for key in keys]}, indent=2)
    return f"{content}\n".encode()


def parse_keys(content: bytes, where: str) -> list[ApiKey]:
    """Read the content of a key file.

    Raises:
        ApiKeyError: it is not one; the message does not quote it.
    """
    try:
        document = json.loads(content)
        if document["format"] != _FORMAT:
            raise ApiKeyError(f"{where} has format {document['format']!r}.", f"This version reads format {_FORMAT}.")
        return [_key_of(value) for value in document["keys"]]
    except (ValueError, TypeError, KeyError):
        raise ApiKeyError(f"{where} is not a file of API keys.", _CURE) from None


def _key_of(value: dict[str, Any]) -> ApiKey:
    key = ApiKey(**{**value, "scopes": tuple(Scope(scope) for scope in value["scopes"])})
    if key.expires_at is not None and datetime.fromisoformat(key.expires_at).tzinfo is None:
        raise ValueError("a time without its zone")
    return key


class KeyRing:
    """Finds the key that a client sent; notices within a second that the file has changed."""

    def __init__(
        self,
        file: KeyFile,
        also: Sequence[ApiKey] = (),
        *,
        look_every: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the keys.

        Args:
            file: where keys are stored.
            also: keys that are not in the file.
            look_every: seconds between two looks at the file.
            clock: seconds that never go back.

        Raises:
            ApiKeyError: the file cannot be read or is damaged.
        """
        self._file = file
        self._also = tuple(also)
        self._look_every = look_every
        self._clock = clock
        self._looked_at = clock()
        self._stamp = self._stamp_now()
        self._keys = self._by_id(file.read())

    @property
    def has_active(self) -> bool:
        """Whether any key may be used now."""
        now = _now()
        return any(key.is_active(now) for key in self._keys.values())

    def find(self, given: str) -> ApiKey | None:
        """The active key that `given` is, or None."""
        self._look()
        prefix, _, rest = given.partition("_")
        number, _, secret = rest.partition("_")
        key = self._keys.get(number)
        if prefix != PREFIX or not secret or key is None:
            return None
        if not hmac.compare_digest(_hash(given), key.sha256):
            return None
        return key if key.is_active(_now()) else None

    def _look(self) -> None:
        now = self._clock()
        if now - self._looked_at < self._look_every:
            return
        self._looked_at = now
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return
        try:
            self._keys = self._by_id(self._file.read())
        except ApiKeyError as error:
            # A slip of the editor must not lock every client out; the keys that were good stay good.
            LOGGER.error("keys stay as they were: %s", error)  # noqa: TRY400  # the cause is in the message
        self._stamp = stamp

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = self._file.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _by_id(self, keys: Sequence[ApiKey]) -> dict[str, ApiKey]:
        return {key.id: key for key in (*keys, *self._also)}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
