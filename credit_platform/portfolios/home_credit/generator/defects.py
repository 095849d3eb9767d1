"""Damage to generated files, for the quality checks to find.

What is here: what each name in `options.DEFECTS` does to a file that was already written.
What to add here: a further kind of damage, with its name and description in `options`.
What must not be here: shifts that leave the files valid (see `drift`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from credit_platform.files import literal

_REPEATED = 25
_SPOILT = 7
_FLOOD = 0.6
_ELSEWHERE = 20_000_000
"""Added to a loan's id to make it one that does not exist."""


def plant(name: str, folder: Path, seed: int) -> str:
    """Plant the defect called `name` in the files of `folder`; says what was done where."""
    return _PLANTERS[name](folder, np.random.default_rng([seed, len(name)]))


def _rewrite(path: Path, change: Callable[[pl.LazyFrame], pl.LazyFrame]) -> None:
    """Change a CSV file as text, streaming, so that what is not changed stays as it was written."""
    changed = path.with_suffix(".part")
    change(literal.scan_csv(path, infer_schema=False)).sink_csv(literal.exact(changed))
    changed.replace(path)


def _spoil(path: Path, column: str, value: str | None, rng: np.random.Generator) -> str:
    rows = literal.scan_csv(path, infer_schema=False).select(pl.len()).collect().item()
    chosen = sorted(int(row) for row in rng.choice(rows, min(_SPOILT, rows), replace=False))
    hit = pl.int_range(pl.len()).is_in(chosen)
    _rewrite(path, lambda f: f.with_columns(pl.when(hit).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)))
    return f"{path.name}: {column} set to {value if value is not None else 'nothing'} in {len(chosen)} rows"


def _duplicates(folder: Path, rng: np.random.Generator) -> str:
    path = folder / "bureau.csv"
    with path.open("rb") as file:
        file.readline()
        lines = [file.readline() for _ in range(_REPEATED)]
    repeated = b"".join(lines[index] for index in rng.permutation(len(lines)))
    with path.open("ab") as file:
        file.write(repeated)
    return f"{path.name}: {_REPEATED} rows repeated at the end"


def _flood(folder: Path, rng: np.random.Generator) -> str:
    path, key = folder / "bureau_balance.csv", "SK_ID_BUREAU"
    offset = int(rng.integers(0, 1_000))
    number = pl.col(key).cast(pl.Int64)
    lost = (number + offset) % 10 < round(_FLOOD * 10)
    _rewrite(path, lambda f: f.with_columns((number + pl.when(lost).then(_ELSEWHERE).otherwise(0)).cast(pl.String)))
    return f"{path.name}: {_FLOOD:.0%} of the loans do not exist"


def _thousands(folder: Path, rng: np.random.Generator) -> str:  # noqa: ARG001  # all planters take the same
    path, column = folder / "application_train.csv", "AMT_INCOME_TOTAL"
    _rewrite(path, lambda f: f.with_columns((pl.col(column).cast(pl.Float64) / 1_000.0).cast(pl.String)))
    return f"{path.name}: {column} divided by 1,000 in all rows"


def _swap(folder: Path, rng: np.random.Generator) -> str:  # noqa: ARG001  # all planters take the same
    path, first, second = folder / "previous_application.csv", "AMT_APPLICATION", "AMT_CREDIT"
    names = literal.scan_csv(path, infer_schema=False).collect_schema().names()
    other = {first: second, second: first}
    _rewrite(path, lambda f: f.select([other.get(name, name) for name in names]))
    return f"{path.name}: columns {first} and {second} have changed places"


def _mislabel(folder: Path, rng: np.random.Generator) -> str:  # noqa: ARG001  # all planters take the same
    path, first, second = folder / "application_test.csv", "NAME_CONTRACT_TYPE", "CODE_GENDER"
    _rewrite(path, lambda f: f.with_columns(pl.col(second).alias(first), pl.col(first).alias(second)))
    return f"{path.name}: values of {first} and {second} have changed places under the old headings"


def _truncate(folder: Path, rng: np.random.Generator) -> str:
    path = folder / "installments_payments.csv"
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.seek(int(size * rng.uniform(0.90, 0.97)))
        file.readline()
        file.truncate(file.tell() + 9)
        kept = file.tell() + 9
    return f"{path.name}: cut in the middle of a row after {kept} of {size} bytes"


def _remove(folder: Path, rng: np.random.Generator) -> str:  # noqa: ARG001  # all planters take the same
    path = folder / "POS_CASH_balance.csv"
    path.unlink()
    return f"{path.name}: removed"


_PLANTERS: dict[str, Callable[[Path, np.random.Generator], str]] = {
    "duplicate_sk_id_bureau": _duplicates,
    "target_of_2": lambda folder, rng: _spoil(folder / "application_train.csv", "TARGET", "2", rng),
    "null_key": lambda folder, rng: _spoil(folder / "previous_application.csv", "SK_ID_PREV", None, rng),
    "orphan_flood": _flood,
    "income_in_thousands": _thousands,
    "column_swapped": _swap,
    "values_swapped": _mislabel,
    "truncated_file": _truncate,
    "missing_file": _remove,
}
