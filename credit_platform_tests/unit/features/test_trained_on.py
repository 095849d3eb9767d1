"""The version that a model was trained on, and what stands for it after an erasure."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import TableNotFoundError
from credit_platform.features.trained_on import read_trained_on, standing_for
from credit_platform.lakehouse import Lakehouse

KEY = "german_credit/features/applicants"


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    """Versions 0 to 2, of which 1 was taken away and 2 stands for it."""
    made = Lakehouse(str(tmp_path))
    for values in ([1], [1, 2]):
        made.write(KEY, pl.DataFrame({"a": values}))
    made.write(KEY, pl.DataFrame({"a": [1]}), summary=standing_for({"decided": 1}, [1]))
    head = made.head(KEY)
    assert head is not None
    made.withdraw(KEY, head, list(made.parts(KEY)[1]), "somebody was erased")
    return made


def test_a_version_that_is_there_is_read_as_it_is(lakehouse: Lakehouse) -> None:
    assert read_trained_on(lakehouse, KEY, 0).version.version == 0


def test_one_that_an_erasure_took_is_read_as_what_stands_for_it(lakehouse: Lakehouse) -> None:
    stored = read_trained_on(lakehouse, KEY, 1)
    assert stored.version.version == 2
    assert stored.frame.collect()["a"].to_list() == [1]


def test_one_that_nothing_stands_for_is_gone(lakehouse: Lakehouse) -> None:
    with pytest.raises(TableNotFoundError):
        read_trained_on(lakehouse, KEY, 9)


def test_what_was_stood_for_before_is_stood_for_still() -> None:
    assert standing_for(standing_for({}, [3]), [5, 4]) == {"stands_for": [3, 4, 5]}
