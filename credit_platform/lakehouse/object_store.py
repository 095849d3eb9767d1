"""Opening a folder or an object store for files, with the credentials that tables are read with.

What is here: `open_store`.
What to add here: another kind of store, an option that its client needs.
What must not be here: tables (`storage.py`), what lies in a store (`artefacts.py`).

Credentials and endpoint come from the variables that delta-rs, Polars and obstore read alike, all of them on top of the
same client (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, `AWS_ALLOW_HTTP`, `AZURE_…`, `GOOGLE_…`); options given go before.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from credit_platform.errors import SettingError
from credit_platform.lakehouse.store_errors import shown

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

# A store that is restarted is away for seconds: half a minute of attempts outlasts it.
_RETRY: Final[RetryConfig] = {
    "max_retries": 1000,  # the time decides: a store that is starting refuses at once
    "retry_timeout": timedelta(seconds=60),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
}
_CLIENT: Final[ClientConfig] = {
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=30),
    # Of a whole answer, which may be a large file over a slow line.
    "timeout": timedelta(minutes=15),
}
REMOTE: Final = ("s3", "s3a", "gs", "az", "abfs", "abfss")


def open_store(root: str, options: Mapping[str, str] | None = None) -> ObjectStore:
    """The store at `root`: a folder, made when absent, or `s3://`, `gs://`, `az://`, `memory://`.

    Raises:
        SettingError: `root` is an address of another kind.
        OSError: the folder cannot be made.
    """
    scheme, separator, _ = root.partition("://")
    if not separator or scheme == "file":
        return LocalStore(folder_of(root), mkdir=True)
    if scheme == "memory":
        return MemoryStore()
    if scheme not in REMOTE:
        raise SettingError(
            f"{shown(root)!r} is no place for artefacts.", "Give a folder, or an address with s3://, gs:// or az://."
        )
    given = {name.lower(): value for name, value in (options or {}).items()}
    http = given.pop("allow_http", given.pop("aws_allow_http", os.environ.get("AWS_ALLOW_HTTP", "false")))
    client: ClientConfig = {**_CLIENT, "allow_http": http.lower() in {"true", "1", "yes", "on"}}
    return from_url(root.rstrip("/"), config=cast("S3Config", given), client_options=client, retry_config=_RETRY)


def folder_of(root: str) -> Path | None:
    """The folder that `root` means; None for an object store."""
    if "://" in root and not root.startswith("file://"):
        return None
    return Path(root.removeprefix("file://")).expanduser().resolve()
