"""Whether what is stored still answers to the raw files, the code and the settings in force."""

from __future__ import annotations

import hashlib
import json

from credit_platform.code_versions import code_version
from credit_platform.errors import RawFileError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.raw_files import raw_file
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import bento_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.serving.records import BentoRecord
from credit_platform.settings import Settings


def fingerprint(portfolio: Portfolio, settings: Settings) -> str:
    """Digest over the raw files, the platform's code and the settings that change a result.

    A file that is missing, or there twice, counts as such: the run that follows reports it.
    """
    files = {table.file_name: _raw_digest(settings, portfolio, table) for table in portfolio.tables}
    state = {
        "files": files,
        "code": code_version("credit_platform"),
        "settings": [
            settings.profile,
            settings.trials,
            settings.seed,
            settings.engine,
            list(settings.candidates or ()),
            dict(settings.pins),
            settings.ship_histories,
        ],
    }
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def is_current(portfolio: Portfolio, settings: Settings) -> bool:
    """Whether the newest Bento was built from just these files, this code and these settings, and is still there."""
    lakehouse, key = Lakehouse(settings.lakehouse_root), bento_key(portfolio.name)
    if not lakehouse.exists(key):
        return False
    record = BentoRecord.of(lakehouse.read(key))
    return record.fingerprint == fingerprint(portfolio, settings) and _is_there(record, Shelf.of(settings))


def _is_there(record: BentoRecord, shelf: Shelf) -> bool:
    return record.folder(shelf).exists() or (record.key is not None and shelf.store.exists(record.key))


def _raw_digest(settings: Settings, portfolio: Portfolio, table: SourceTable) -> str | None:
    try:
        path = raw_file(settings, portfolio, table)
    except RawFileError:
        return None
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
