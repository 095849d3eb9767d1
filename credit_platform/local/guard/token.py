"""The token of a home: one secret that opens Dagster, MLflow and the console of `make up`.

What is here: `TokenFile`, which makes it once, reads it again when it changes, and proves sessions with it.
What must not be here: HTTP.

The file is readable for its owner only. A cookie never holds the token: it holds a time and a proof made with the
token, so that a new token ends every session.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from pathlib import Path

from credit_platform.errors import ApiKeyError
from credit_platform.settings import Settings

FILE_NAME = "page_token"
SESSION_SECONDS = 7 * 24 * 3600
"""How long a browser stays logged in."""
_LEAST = 32


class TokenFile:
    """The file of the token; it is read at every use, so that a renewed token holds at once."""

    def __init__(self, path: Path) -> None:
        """Name the file; it need not exist."""
        self.path = path

    @classmethod
    def of(cls, settings: Settings) -> TokenFile:
        """The file of a home."""
        return cls(settings.home.resolve() / FILE_NAME)

    def read_or_make(self) -> str:
        """The token; made where there is none yet.

        Raises:
            ApiKeyError: the file cannot be read or written, or holds no token.
        """
        if not self.path.exists():
            self.renew()
        return self.read()

    def read(self) -> str:
        """The token.

        Raises:
            ApiKeyError: there is none, the file cannot be read, or others could read it.
        """
        renew = "Make a new one: credit-platform keys pages --renew"
        try:
            if self.path.stat().st_mode & 0o077:
                raise ApiKeyError(f"{self.path} can be read by others; its token is no secret any more.", renew)
            token = self.path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            token = ""
        if len(token) < _LEAST:
            raise ApiKeyError(f"{self.path} holds no token that can be read.", renew)
        return token

    def renew(self) -> str:
        """Make a new token; the old one and every session made with it end at once.

        Raises:
            ApiKeyError: the file cannot be written.
        """
        token = secrets.token_urlsafe(32)
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary.unlink(missing_ok=True)
            # Made readable for the owner only, not made so later.
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(token + "\n")
            temporary.replace(self.path)
        except OSError as error:
            raise ApiKeyError(
                f"{self.path} cannot be written: {error.strerror}.", "Mend the folder's rights."
            ) from error
        return token

    def is_token(self, given: str) -> bool:
        """Whether it is the token, in the same time whatever was given."""
        return hmac.compare_digest(_digest(given), _digest(self.read()))

    @property
    def cookie_name(self) -> str:
        """Of this home: cookies know no ports, and two homes may be open at once."""
        return f"credit_platform_{_digest(str(self.path))[:12]}"

    def new_session(self) -> str:
        """Value of a cookie that proves a login from now on."""
        until = str(int(time.time()) + SESSION_SECONDS)
        return f"{until}.{self._proof(until)}"

    def is_session(self, value: str) -> bool:
        """Whether a cookie proves a login that has not run out."""
        until, _, proof = value.partition(".")
        right = hmac.compare_digest(_digest(proof), _digest(self._proof(until)))
        return right and until.isdecimal() and int(until) > time.time()

    def _proof(self, until: str) -> str:
        return hmac.new(self.read().encode(), f"session {until}".encode(errors="replace"), hashlib.sha256).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
