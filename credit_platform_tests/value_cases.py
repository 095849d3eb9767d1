"""Cases of the one rule of a value, which the tests of every door are held to.

A case is a column, what a CSV file says, what a Parquet file holds, what a JSON document holds, and the outcome: a
value, null, or a fault. `SAME` stands where a form has nothing of its own: what the text says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from credit_platform.portfolios.source_table import Column, ColumnType
from credit_platform.values import Fault


def column(kind: str, **more: Any) -> Column:
    """A column that may be null unless the case says otherwise."""
    return Column(name="x", type=ColumnType(kind), description="A value.", **{"nullable": True, **more})


INT8, INT16, INT64 = column("int8"), column("int16", minimum=0, maximum=100), column("int64")
FLOAT = column("float64", minimum=-10, maximum=1e6)
FLOAT32 = column("float32")
DAYS = column("int32", minimum=-100, maximum=0, sentinel=365243)
FLAG = column("int8", allowed=(0, 1))
WORD = column("string", allowed=("car", "tv"))
TEXT = column("string")

Outcome = float | int | str | None | Fault

TEXTS: list[tuple[Column, str | None, Outcome]] = [
    *(
        (INT16, text, 24)
        for text in ("24", "24.0", "24.", "2.4e1", "2400E-2", "+24", " 24", "24 ", "\t24", "\u00a024", "0024")
    ),
    *((INT16, text, None) for text in (None, "", " ", "NA", "NaN", ".", "\\N", " NA ")),
    *((INT16, text, Fault.NOT_WHOLE) for text in ("24.5", "1e-3", "0.9999")),
    *((INT16, text, Fault.NOT_FINITE) for text in ("inf", "-Infinity", "nan", "-NaN", "INF")),
    *(
        (INT16, text, Fault.WRONG_TYPE)
        for text in (
            *("1_000", "1,5", "1 000", "0x10", "TRUE", "24%", "€24", "٢٤", "２４", "--5", "+ 5", "1e", "e5", "+", "-"),
            *("N/A", "null", "NULL", "None", "#N/A", "<NA>", "na", "24 months", "2024-01-01", "1.2.3", "(24)", "24-"),
        )
    ),
    *((INT16, text, Fault.ABOVE) for text in ("101", "1.01e2", "32767")),
    *((INT16, text, Fault.BELOW) for text in ("-1", "-1.0")),
    *((INT16, text, 0) for text in ("0", "-0", "-0.0", "+0.0", "0e5")),
    *((INT16, text, Fault.BEYOND_TYPE) for text in ("32768", "1e400", "9" * 30, "9" * 5000, "-99999")),
    *((INT8, text, Fault.BEYOND_TYPE) for text in ("128", "-129", "1.28e2")),
    (INT64, "9007199254740993", 9007199254740993),
    (INT64, "9007199254740993.0", 9007199254740993),
    (INT64, "9.007199254740993e15", Fault.BEYOND_TYPE),
    (INT64, "9223372036854775807", 9223372036854775807),
    (INT64, "9223372036854775808", Fault.BEYOND_TYPE),
    (INT64, "000000000000000000009007199254740993", 9007199254740993),
    *((FLOAT, text, 2.5) for text in ("2.5", "+2.5", " 2.5 ", "25e-1", "02.50")),
    (FLOAT, ".5", 0.5),
    (FLOAT, "0.1", 0.1),
    (FLOAT, "1e-400", 0.0),
    *((FLOAT, text, None) for text in (None, "", "NA", "NaN", ".", "\\N", "  ")),
    *((FLOAT, text, Fault.NOT_FINITE) for text in ("inf", "Infinity", "-inf", "nan")),
    *((FLOAT, text, Fault.WRONG_TYPE) for text in ("1,5", "1_0", "1.5f", "2d", "0x1p3", "true", "1.000,5", "12 %")),
    (FLOAT, "1e400", Fault.BEYOND_TYPE),
    (FLOAT, "1e7", Fault.ABOVE),
    (FLOAT, "-11", Fault.BELOW),
    (FLOAT32, "0.1", 0.10000000149011612),
    (FLOAT32, "3.5e38", Fault.BEYOND_TYPE),
    # Once to float64, then to float32: the same at every door.
    (FLOAT32, "1.0000000596046447753906251", 1.0),
    (DAYS, "365243", 365243),
    (DAYS, "365243.0", 365243),
    (DAYS, "365242", Fault.ABOVE),
    (DAYS, "-101", Fault.BELOW),
    (FLAG, "1.0", 1),
    (FLAG, "2", Fault.NOT_ALLOWED),
    (WORD, "car", "car"),
    *((WORD, text, None) for text in (None, "", "\\N")),
    *((WORD, text, Fault.NOT_ALLOWED) for text in (" car", "car ", "Car", "NA", "NaN", ".", " ", "bus", "x" * 300)),
    (TEXT, "NA", "NA"),
    (TEXT, " é ", " é "),
    (TEXT, "x" * 256, "x" * 256),
    (TEXT, "é" * 257, Fault.TOO_LONG),
    *((TEXT, text, None) for text in (None, "", "\\N")),
]
"""Column, text of a cell (None: an empty field), outcome."""


@dataclass(frozen=True)
class Typed:
    """A value that is no text."""

    column: Column
    value: Any
    outcome: Outcome
    document: Outcome | str = "same"
    """What a document makes of it, where that differs."""


TYPED: list[Typed] = [
    Typed(INT16, 24, 24),
    Typed(INT16, 24.0, 24),
    Typed(INT16, 24.5, Fault.NOT_WHOLE),
    Typed(INT16, True, Fault.WRONG_TYPE),
    Typed(INT16, float("inf"), Fault.NOT_FINITE),
    Typed(INT16, float("nan"), None, Fault.NOT_FINITE),
    Typed(INT16, 40_000, Fault.BEYOND_TYPE),
    Typed(INT16, 101, Fault.ABOVE),
    Typed(INT64, 2.0**53, Fault.BEYOND_TYPE),
    Typed(INT64, 2**62, 2**62),
    Typed(FLOAT, 3, 3.0),
    Typed(FLOAT, False, Fault.WRONG_TYPE),
    Typed(FLOAT, float("nan"), None, Fault.NOT_FINITE),
    Typed(FLOAT, float("-inf"), Fault.NOT_FINITE),
    Typed(FLOAT32, 0.1, 0.10000000149011612),
    Typed(FLOAT32, 1e39, Fault.BEYOND_TYPE),
    Typed(DAYS, 365243.0, 365243),
    Typed(FLAG, 2, Fault.NOT_ALLOWED),
    Typed(WORD, 5, Fault.WRONG_TYPE),
    Typed(WORD, True, Fault.WRONG_TYPE),
    Typed(TEXT, 1.5, Fault.WRONG_TYPE),
    Typed(TEXT, "a\0b", Fault.WRONG_TYPE),
    Typed(INT16, "24.0", 24, Fault.WRONG_TYPE),
    Typed(INT16, "", None, Fault.WRONG_TYPE),
    Typed(WORD, "", None, Fault.NOT_ALLOWED),
    Typed(TEXT, "\\N", None, Fault.WRONG_TYPE),
    Typed(WORD, "bus", Fault.NOT_ALLOWED),
]
