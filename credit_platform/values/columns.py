"""The rule for whole Polars columns: expressions that every engine runs, from texts or from a column of some type.

What is here: `of_text`, `of_dtype`, `broken`, `first_fault`; `read_series`, which takes the quick way where it can.
What to add here: the columnar form of what `rule.py` says of one value; the two are tested against one another.
What must not be here: names of quarantine rules, sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from credit_platform.portfolios.source_table import Column, ColumnType
from credit_platform.values.faults import Fault
from credit_platform.values.grammar import BLANKS, EXACT, NO_NUMBER, NUMBER, WHOLE, anchored
from credit_platform.values.rule import MAX_TEXT

POLARS_TYPES: Mapping[ColumnType, type[pl.DataType]] = {
    ColumnType.INT8: pl.Int8,
    ColumnType.INT16: pl.Int16,
    ColumnType.INT32: pl.Int32,
    ColumnType.INT64: pl.Int64,
    ColumnType.FLOAT32: pl.Float32,
    ColumnType.FLOAT64: pl.Float64,
    ColumnType.STRING: pl.String,
}
"""Type in which values of a column are stored."""


@dataclass(frozen=True)
class ColumnRead:
    """A column as it came, read by the rule."""

    value: pl.Expr
    """Of the column's type; null where nothing was given, and where what was given is no such value."""
    given: pl.Expr
    """Whether there was anything but null; never null itself."""
    why: pl.Expr
    """The `Fault`, as text, of what was given and is no value of the type; without meaning elsewhere."""


def of_text(column: Column, text: pl.Expr) -> ColumnRead:
    """Read a column of texts, as in a CSV file."""
    if not column.type.is_numeric:
        given = text.is_not_null() & ~text.is_in(list(column.type.empty_texts))
        right = ~text.str.contains("\0", literal=True)
        if column.allowed is None:
            right = right & (text.str.len_chars() <= MAX_TEXT)
        why = pl.when(text.str.contains("\0", literal=True)).then(_lit(Fault.WRONG_TYPE))
        return ColumnRead(pl.when(given & right).then(text), _never_null(given), why.otherwise(_lit(Fault.TOO_LONG)))
    bare = text.str.strip_chars(BLANKS)
    given = bare.is_not_null() & ~bare.is_in(list(column.type.empty_texts))
    # The cast takes just what `NUMBER` takes, and words for NaN and the infinite; a test holds it to that. Matching the
    # pattern takes several times as long, so only what is at fault is matched.
    number = bare.cast(pl.Float64, strict=False)
    if not column.type.is_integer:
        value = _finite(column, number)
    else:
        # To the last digit where there is no exponent, which float64 does not give beyond 2^53.
        digits = bare.str.replace(anchored(WHOLE), "${1}${2}").cast(pl.Int64, strict=False)
        whole = pl.coalesce(digits, _whole(number)) if column.type is ColumnType.INT64 else _whole(number)
        value = whole.cast(POLARS_TYPES[column.type], strict=False)
    return ColumnRead(value, _never_null(given), _why_no_number(column, bare, number))


def _why_no_number(column: Column, bare: pl.Expr, number: pl.Expr) -> pl.Expr:
    infinite = pl.when(bare.str.contains(anchored(NO_NUMBER))).then(_lit(Fault.NOT_FINITE))
    no_number = pl.when(~bare.str.contains(anchored(NUMBER))).then(infinite.otherwise(_lit(Fault.WRONG_TYPE)))
    if not column.type.is_integer:
        return no_number.otherwise(_lit(Fault.BEYOND_TYPE))
    fraction = number.is_finite() & (number != number.floor())
    return no_number.when(fraction).then(_lit(Fault.NOT_WHOLE)).otherwise(_lit(Fault.BEYOND_TYPE))


def reads_as_it_is(column: Column, text: pl.Expr) -> pl.Expr:
    """Whether the typed CSV reader of Polars reads a text as the rule does; never null.

    That reader takes a part of what the rule takes as a number, skips blanks before it and reads blanks alone as null;
    only NaN and the infinite it has beyond that.
    """
    if not column.type.is_numeric:
        return (~text.is_in(list(column.type.empty_texts))).fill_null(value=True)
    bare = text.str.strip_chars_start(" \t")
    typed = bare.cast(POLARS_TYPES[column.type] if column.type.is_integer else pl.Float64, strict=False)
    fits = typed.is_not_null() if column.type.is_integer else typed.is_finite()
    return (fits.fill_null(value=False) | (bare == "")).fill_null(value=True)


def of_dtype(column: Column, values: pl.Expr, dtype: pl.DataType) -> ColumnRead:
    """Read a column that has a type already, as in a Parquet file; texts in it are read as in a CSV file."""
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return of_text(column, values.cast(pl.String))
    if dtype.is_decimal() and column.type.is_numeric:
        return of_text(column, values.cast(pl.String))
    wanted = POLARS_TYPES[column.type]
    if column.type.is_numeric and dtype.is_integer():
        value = values.cast(wanted, strict=False)
        return ColumnRead(value, values.is_not_null(), _lit(Fault.BEYOND_TYPE))
    if column.type.is_numeric and dtype.is_float():
        return _of_floats(column, values.cast(pl.Float64))
    return ColumnRead(pl.lit(None, wanted), values.is_not_null(), _lit(Fault.WRONG_TYPE))


def _of_floats(column: Column, number: pl.Expr) -> ColumnRead:
    given = number.is_not_null() & number.is_not_nan()
    infinite = pl.when(number.is_infinite()).then(_lit(Fault.NOT_FINITE))
    if not column.type.is_integer:
        beyond = infinite.otherwise(_lit(Fault.BEYOND_TYPE))
        return ColumnRead(_finite(column, number), _never_null(given), beyond)
    why = infinite.when(number != number.floor()).then(_lit(Fault.NOT_WHOLE)).otherwise(_lit(Fault.BEYOND_TYPE))
    value = _whole(number).cast(POLARS_TYPES[column.type], strict=False)
    return ColumnRead(value, _never_null(given), why)


def broken(column: Column, value: pl.Expr) -> dict[Fault, pl.Expr]:
    """What is true of a value of the column's type that the contract does not allow; never null, a null breaks none."""
    rules: dict[Fault, pl.Expr] = {}
    if column.type in (ColumnType.FLOAT32, ColumnType.FLOAT64):
        rules[Fault.NOT_FINITE] = ~value.is_finite()
    if column.type is ColumnType.STRING and column.allowed is None:
        rules[Fault.TOO_LONG] = value.str.len_chars() > MAX_TEXT
    judged = pl.lit(value=True) if column.sentinel is None else value != column.sentinel
    if column.allowed is not None:
        rules[Fault.NOT_ALLOWED] = ~value.is_in(list(column.allowed)) & judged
    if column.minimum is not None:
        rules[Fault.BELOW] = (value < column.minimum) & judged
    if column.maximum is not None:
        above = value > column.maximum
        # NaN is above every number here; that it is not finite says enough.
        rules[Fault.ABOVE] = (above if column.type.is_integer else above & value.is_finite()) & judged
    return {fault: _never_null(rule) for fault, rule in rules.items()}


def first_fault(column: Column, value: pl.Expr, read: ColumnRead, *, required: bool) -> pl.Expr:
    """The `Fault` of each row, as text, or null.

    Args:
        column: the contract.
        value: the column of `read.value`, once it has been computed.
        read: how it was read.
        required: whether null is a fault.
    """
    faults = [pl.when(read.given & value.is_null()).then(read.why)]
    if required:
        faults.append(pl.when(~read.given).then(_lit(Fault.MISSING)))
    faults += [pl.when(rule).then(_lit(fault)) for fault, rule in broken(column, value).items()]
    return pl.coalesce(*faults, pl.lit(None, pl.String))


def read_series(column: Column, series: pl.Series, *, required: bool) -> tuple[pl.Series, pl.Series | None]:
    """Values of the column's type, and the `Fault` of each as text, null for none; no faults at all are None.

    Most columns are what they seem: a plain cast that loses nothing is the rule, and takes a tenth of its time.
    """
    came, value = pl.col(column.name), pl.col("value")
    read = of_dtype(column, came, series.dtype)
    plain = _plain(column, series)
    if plain is None:
        valued = series.alias(column.name).to_frame().select(read.value.alias("value"), came)
    else:
        if not (required and plain.null_count()) and not _may_be_broken(column, plain):
            return plain, None
        valued = pl.DataFrame({"value": plain, column.name: plain})
        read = ColumnRead(value, value.is_not_null(), pl.lit(None, pl.String))
    faults = valued.select(first_fault(column, value, read, required=required)).to_series()
    return valued["value"].alias(column.name), faults if faults.null_count() < faults.len() else None


def _may_be_broken(column: Column, values: pl.Series) -> bool:
    """Whether some value of the right type is not allowed; texts that are `_plain` are among the allowed ones."""
    if not column.type.is_numeric:
        return False
    rules = broken(column, pl.col("value")).values()
    return bool(rules) and bool(values.alias("value").to_frame().select(pl.any_horizontal(rules).any()).item())


def _plain(column: Column, series: pl.Series) -> pl.Series | None:
    """The typed column, when a cast gives what the rule gives; None when the rule has to look at each value."""
    wanted, came = POLARS_TYPES[column.type], series.dtype
    if not column.type.is_numeric:
        if came != pl.String or column.allowed is None:
            return None
        return series if set(series.unique()) <= {*column.allowed, column.sentinel, None} else None
    if came not in (wanted, pl.String):
        return None
    typed = series if came == wanted else series.cast(wanted if column.type.is_integer else pl.Float64, strict=False)
    if typed.null_count() != series.null_count():
        return None
    if not column.type.is_integer:
        typed = typed.cast(wanted)
        if not typed.is_finite().all():
            return None
    return typed


def _finite(column: Column, number: pl.Expr) -> pl.Expr:
    """Numbers of the column's type; what is infinite in it is null."""
    typed = number.cast(POLARS_TYPES[column.type])
    return pl.when(typed.is_finite()).then(typed)


def _whole(number: pl.Expr) -> pl.Expr:
    """Floats that each stand for one whole number, as integers; others null."""
    # `floor` of NaN and of the infinite is not below the limit.
    return pl.when((number == number.floor()) & (number.abs() < EXACT)).then(number).cast(pl.Int64, strict=False)


def _never_null(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(value=False)


def _lit(fault: Fault) -> pl.Expr:
    return pl.lit(fault.value)
