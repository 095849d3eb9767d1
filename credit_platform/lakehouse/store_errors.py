"""What goes wrong with a folder or an object store, in one sentence with its cure and without a secret.

What is here: `reaching`, which turns the errors of obstore, delta-rs, Polars and pyarrow into `StorageError`.
What to add here: another way in which a store fails, with a cure.
What must not be here: trying again (the clients do, `object_store.py`), errors about what is stored.

The libraries agree on no class, and say what happened in their text alone, with the answer of the store in it. That
answer may quote what was signed, so that nothing of the text is passed on, nor the error itself as the cause.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import polars as pl
from deltalake.exceptions import DeltaError
from obstore.exceptions import BaseError

from credit_platform.errors import StorageError

STORE_FAILURES: Final = (BaseError, OSError, DeltaError, pl.exceptions.ComputeError)
"""What the libraries raise when a store fails, among other things."""

ROOT_SETTING: Final = "CREDIT_PLATFORM_LAKEHOUSE_URL"
NO_BUCKET: Final = "NoSuchBucket"
"""What S3 says where an object is not there because its bucket is not; Azure and Google have codes of their own."""
_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_ENDPOINTS = {"s3": "AWS_ENDPOINT_URL", "gs": "GOOGLE_APPLICATION_CREDENTIALS", "az": "AZURE_STORAGE_ENDPOINT"}
# The first that is found in the text counts. Names of S3, of Azure, of Google, and of the HTTP client.
_SIGNS: Final = (
    ("bucket", r"NoSuchBucket|ContainerNotFound|The specified (bucket|container) does not exist"),
    ("plain", r"URL scheme is not allowed|BadScheme|scheme is not allowed"),
    (
        "key",
        r"SignatureDoesNotMatch|InvalidAccessKeyId|InvalidToken|ExpiredToken|TokenRefreshRequired|AuthenticationFailed"
        r"|401 Unauthorized|Unauthenticated|valid authentication credentials|CredentialsNotLoaded|169\.254\.169\.254"
        r"|InvalidSecurity|RequestTimeTooSkewed|no providers in chain",
    ),
    ("permission", r"AccessDenied|403 Forbidden|PermissionDenied|AuthorizationPermissionMismatch|necessary privileges"),
    (
        "away",
        r"error sending request|[Cc]onnection refused|[Cc]onnection reset|[Cc]onnection closed|dns error|timed out"
        r"|Timeout|\b50[0234] [A-Z]|ServiceUnavailable|SlowDown|InternalError|client error \(Connect\)",
    ),
)
_OS_ERROR = re.compile(r"os error (\d+)")


@contextmanager
def reaching(address: str, setting: str) -> Iterator[None]:
    """Run a block that works at `address`; `setting` is the variable that says where that is.

    Raises:
        StorageError: The store, or the folder, cannot be used. Every other error goes through as it is.
    """
    try:
        yield
    except STORE_FAILURES as error:
        told = storage_error(error, address, setting)
        if told is None:
            raise
        raise told from None


def storage_error(error: BaseException, address: str, setting: str) -> StorageError | None:
    """Say what is wrong at `address`; None when `error` is about something else."""
    place = shown(address)
    if (number := _os_error(error)) is not None:
        found = _of_a_folder(number, place, setting)
        if found is not None or not _is_remote(address):
            return found
    if not _is_remote(address):
        return None
    text = str(error)
    kind = next((kind for kind, sign in _SIGNS if re.search(sign, text)), None)
    return None if kind is None else _of_a_store(kind, place, setting)


def shown(address: str) -> str:
    """An address that may be shown: without a user, a password or a signature in it."""
    if not _is_remote(address):
        return address
    parts = urlsplit(address)
    # Not `parts.path`: a name may hold a question mark or a hash.
    _, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{parts.scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _is_remote(address: str) -> bool:
    return "://" in address and not address.startswith("file://")


def _os_error(error: BaseException) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = _OS_ERROR.search(str(error))
    return int(found[1]) if found else None


def _of_a_folder(number: int, place: str, setting: str) -> StorageError | None:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"There is no space left on the disk of {place}.",
            "Nothing of it became visible. Free some (credit-platform retention removes old versions), then run again.",
        )
    if number == errno.EROFS:
        return StorageError(
            f"{place} is on a disk that can only be read.", f"Mount it for writing, or point {setting} elsewhere."
        )
    if number in (errno.EACCES, errno.EPERM):
        return StorageError(
            f"This account may not read or write {place}.", f"Give it the right, or point {setting} elsewhere."
        )
    if number in (errno.EEXIST, errno.ENOTDIR):
        return StorageError(
            f"{place} cannot be used as a folder: a file has that name.", f"Rename it, or point {setting} elsewhere."
        )
    return None


def _of_a_store(kind: str, place: str, setting: str) -> StorageError:
    scheme = place.partition("://")[0].replace("s3a", "s3")
    bucket = place.partition("://")[2].partition("/")[0]
    keys, endpoint = _KEYS.get(scheme, "the credentials"), _ENDPOINTS.get(scheme, "the endpoint")
    told = {
        "bucket": (f"There is no bucket {bucket!r} for {place}.", f"Create it, or correct {setting} or {endpoint}."),
        "plain": (
            f"{place} would be reached over http, unencrypted, which is not allowed.",
            f"Give an https address in {endpoint}, or allow it inside a network you trust: AWS_ALLOW_HTTP=true.",
        ),
        "key": (f"The store does not accept the key given for {place}.", f"Correct {keys}."),
        "permission": (
            f"The key may not do what was asked for at {place}.",
            f"Give it the right to read, write, list and delete in {bucket!r}, or use another key ({keys}).",
        ),
        "away": (
            f"The store of {place} does not answer, after several attempts.",
            f"What is stored there is untouched. Check that it runs and {endpoint}, then run again.",
        ),
    }
    error = StorageError(*told[kind])
    error.passing = kind == "away"
    return error
