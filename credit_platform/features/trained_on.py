"""The feature table that a model was trained on, also when somebody in it was erased since.

What is here: `read_trained_on`, and `standing_for`, which notes what a version stands for.
What to add here: nothing but reading.
What must not be here: erasing (`monitoring/retraining/forgetting.py`).

An erasure takes away the version that a model was trained on. What was written in its place is the newest version of
that day without whoever was erased; of everybody else it says what there is to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from credit_platform.errors import TableNotFoundError
from credit_platform.lakehouse import Lakehouse, StoredTable

_STANDS_FOR: Final = "stands_for"


def read_trained_on(lakehouse: Lakehouse, key: str, version: int | None) -> StoredTable:
    """This version, or what stands for it since somebody in it was erased; the newest where it is not known which.

    Raises:
        TableNotFoundError: it is gone for another reason.
    """
    try:
        return lakehouse.read(key, version)
    except TableNotFoundError:
        readable = {one.version for one in lakehouse.versions(key)}
        for made, summary in lakehouse.records(key):
            if made.version in readable and version in summary.get(_STANDS_FOR, ()):
                return lakehouse.read(key, made.version)
        raise


def standing_for(summary: Mapping[str, Any], versions: Iterable[int]) -> dict[str, Any]:
    """`summary` with the versions that it stands for, those that the version before stood for among them."""
    return {**summary, _STANDS_FOR: sorted({*summary.get(_STANDS_FOR, ()), *versions})}
