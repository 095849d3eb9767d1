r"""How a number is written in a text: the constants that the scalar reader and the Polars expressions share.

What is here: patterns that mean the same to Python's `re` (with `fullmatch`) and to Rust's `regex` (`anchored`).
What to add here: nothing that only one of the two understands; `[0-9]`, never `\d`, which is Unicode in both.
What must not be here: what is done with a number.
"""

from __future__ import annotations

BLANKS = " \t\u00a0"
"""What does not count around a number: blank, tab, no-break space."""
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
WHOLE = r"([+-]?)0*([0-9]{1,19})(?:\.0*)?"
"""A whole number without exponent, in two groups that read to the last digit; longer ones are in no integer type."""
NO_NUMBER = r"(?i)[+-]?(?:inf|infinity|nan)"
"""What programs write for numbers that are not finite. `NaN` itself is null."""
EXACT = 2.0**53
"""Below this each whole float64 stands for itself alone; from here on it may have been another number."""


def anchored(pattern: str) -> str:
    """`pattern` for the whole text, as Rust's regex wants it."""
    flags, rest = ("(?i)", pattern[4:]) if pattern.startswith("(?i)") else ("", pattern)
    return f"{flags}^(?:{rest})$"
