"""What `--erasures` names: somebody's word for a place that knows who was erased.

What is here: `known_by_name`.
What to add here: another kind of place that can be named.
What must not be here: places that are asked by themselves (`erasure_lists.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from credit_platform.errors import BackupError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.lakehouse.store_errors import shown
from credit_platform.local.backup.erasure_lists import Known, known_in_home, merged_lists
from credit_platform.local.backup.in_store import knowing_backups
from credit_platform.local.backup.manifest import HOME, MANIFEST
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.portfolios import portfolio_names
from credit_platform.serving.erasures import erased_places, kept_lists, read_marks
from credit_platform.serving.shipped_histories import ERASED_FOLDER
from credit_platform.settings import Settings

_CURE: Final = (
    "Name a home, a backup, a list of erased applicants (<portfolio>.txt), the address of a decision log, or that of "
    "backups or artefacts in an object store (s3://, gs://, az://)."
)
_DATABASES: Final = ("postgresql", "sqlite")
_STORES: Final = ("s3://", "gs://", "az://")


def known_by_name(settings: Settings, named: str) -> Known:
    """What the place knows that somebody named.

    Raises:
        BackupError: it is not there, or knows of no erasure in a form that can be read.
        DecisionLogError: a decision log cannot be reached.
        StorageError: an object store cannot be used.
    """
    if named.startswith(_STORES):
        return _known_at(settings, named)
    if "://" in named:
        if not named.startswith(_DATABASES):
            raise BackupError(f"{shown(named)} is not looked into for erasures.", _CURE)
        store = DecisionStore(named)
        return Known(where=f"the decision log {store.where}", places=erased_places(store))
    path = Path(named).expanduser()
    if path.is_dir():
        return _known_in_folder(path)
    try:
        marks = read_marks(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{path} cannot be read as a list of erasures: {error}.", _CURE) from error
    if not marks and path.stat().st_size:
        raise BackupError(f"{path} is no list of erasures: no line begins with a mark of 64 digits.", _CURE)
    # A mark says by itself of which portfolio it is; one that is no portfolio's changes nothing.
    names = [path.stem] if path.stem in portfolio_names() else portfolio_names()
    return Known(where=str(path), lists=dict.fromkeys(names, marks))


def _known_in_folder(path: Path) -> Known:
    if path.name == ERASED_FOLDER:
        path = path.parent
    known = known_in_home(path / HOME if (path / MANIFEST).is_file() else path, str(path))
    if known is None:
        raise BackupError(f"{path} holds neither a decision log nor a list of erasures.", _CURE)
    return known


def _known_at(settings: Settings, address: str) -> Known:
    """What an address of an object store knows: of backups all of them, or the one that is named; else of artefacts."""
    with knowing_backups(settings, address) as folders:
        homes = [known_in_home(folder / HOME, folder.name) for folder in folders]
    backups = [one for one in homes if one is not None]
    if folders:
        places = {place for one in backups for place in one.places}
        return Known(where=f"backups in {shown(address)}", lists=merged_lists(backups), places=sorted(places))
    lists = kept_lists(Shelf(settings.home, address, settings.artefact_cache_folder))
    if not lists:
        raise BackupError(f"{shown(address)} holds neither a backup nor a list of erased applicants.", _CURE)
    return Known(where=f"the artefacts in {shown(address)}", lists=lists)
