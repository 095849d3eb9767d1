"""What a rule that most rows break looks like in the file: a few of its values, and the cause they have in common.

What is here: `examples_of` and `common_cause`.
What to add here: another way of writing values that a whole column may have, with its cure.
What must not be here: rules (`rules.py`), and sentences about single rows.

The values are those of the user's own file. They go where its rejected rows can be seen anyway: the check of the table,
and the screen of who gave the file. No log of the service and no notification has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from credit_platform.quality.rules import SEPARATOR

_SHOWN: Final = 3
_LONGEST: Final = 40
_RULE, _LINE = "rule", "line"
_CAUSES: Final = (
    (r"[-+]?[\d. '\u00a0\u202f]*\d,\d+", "they have a decimal comma: export them with a decimal point"),
    (r".*[€$£¥].*|.*\b(EUR|USD|GBP|CHF|CZK)\b.*", "they have a sign of a currency: export plain numbers"),
    (r"[-+]?[\d.,]+ ?%", "they are percentages: export plain numbers"),
    (r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?", "they are dates: is it another column?"),
    (r"[-+]?\d{1,3}([ '\u00a0\u202f]\d{3})+(\.\d+)?", "their thousands are set apart: export plain numbers"),
    (r"(?i:na|nan|n/a|#n/a|<na>|null|none|nil)|\.|-", "they stand for no value: write an empty field for it"),
    (r"(?i:true|false|yes|no)", "they are truth values: is it another column, or were numbers exported as words?"),
)
_BLANKS: Final = (r"\s.*|.*\s", "there are blanks around them: export them without")


@dataclass(frozen=True)
class Example:
    """A value of the file, and the line on which it is first found."""

    text: str
    line: int

    def __str__(self) -> str:
        """The value, shortened, with its line."""
        text = self.text if len(self.text) <= _LONGEST else f"{self.text[:_LONGEST]}…"
        return f'"{text}" (line {self.line})'


def examples_of(rejected: pl.LazyFrame, rule: str) -> list[Example]:
    """Up to three different values that break a rule on one column, by line; none where the rule is not on values.

    Args:
        rejected: columns as text, `rule` (several joined by "; ") and `line`.
        rule: kind and column, as `type:amount`.
    """
    kind, _, column = rule.partition(":")
    if kind == "not_null" or column not in rejected.collect_schema().names():
        return []
    breaks = pl.col(_RULE).str.split(SEPARATOR).list.contains(rule) & pl.col(column).is_not_null()
    first = rejected.filter(breaks).group_by(column).agg(pl.col(_LINE).min()).sort(_LINE).head(_SHOWN)
    return [Example(text, line) for text, line in first.collect(engine="streaming").rows()]


def common_cause(examples: Sequence[Example]) -> str | None:
    """What all of the values have in common that makes them wrong, with the cure; None when nothing known."""
    for pattern, words in _CAUSES:
        if examples and all(re.fullmatch(pattern, example.text.strip()) for example in examples):
            return words
    pattern, words = _BLANKS
    return words if examples and all(re.fullmatch(pattern, example.text) for example in examples) else None
