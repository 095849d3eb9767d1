"""What was made of training rows once, used again by the next trial of a study on the same rows.

What is here: `reusing`, which a tuner opens over the training rows of its folds, and `reused`, which candidates ask.
What to add here: nothing; ask `reused` wherever something depends on the rows and a few parameters only.
What must not be here: anything that has seen rows other than those it is kept for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import polars as pl

T = TypeVar("T")
_kept: dict[int, dict[Hashable, Any]] = {}
"""By identity of the rows, which live longer than their entry."""


@contextmanager
def reusing(frames: Sequence[pl.DataFrame]) -> Iterator[None]:
    """Until the end of the `with` block, what is made of these very frames is made once for each set of parameters."""
    _kept.update({id(frame): {} for frame in frames})
    try:
        yield
    finally:
        for frame in frames:
            _kept.pop(id(frame), None)


def reused(frame: pl.DataFrame, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives; where `reusing` holds for `frame`, what it gave the first time that it was asked for `key`.

    Args:
        frame: the rows that `make` reads.
        key: says what is made, with everything besides the rows on which it depends.
        make: makes it.
    """
    known = _kept.get(id(frame))
    if known is None:
        return make()
    if key not in known:
        known[key] = make()
    value: T = known[key]
    return value
