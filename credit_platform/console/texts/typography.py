"""French as it is printed: apostrophes, and spaces at which no line is broken.

What is here: `french`, and `french_words`, the same for every text of a table.
What must not be here: words.

Texts are written with the keys of a keyboard. What stands between backticks is typed by a person and stays; so does a
field to be filled in, whose value is not ours. Source of the rules: Lexique des règles typographiques en usage à
l'Imprimerie nationale (narrow no-break space before ; ! ?, no-break space before : and within guillemets).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_KEPT: Final = re.compile(r"(`[^`]*`|\{[^}]*\})")
_RULES: Final = (
    (re.compile(r"(?<=\w)'(?=\w|«|$)"), "\u2019"),  # $: before a field
    (re.compile(r" (?=[;!?])"), "\u202f"),
    (re.compile(r" (?=[:%»…])"), "\u00a0"),
    (re.compile(r"(?<=«) "), "\u00a0"),
)


def french(text: str) -> str:
    """A text as it is printed."""
    parts = _KEPT.split(text)
    return "".join(part if number % 2 else _printed(part) for number, part in enumerate(parts))


def french_words(words: Mapping[Any, Any]) -> dict[Any, Any]:
    """The same table with every text in it as it is printed, however deep."""
    return {name: french_words(value) if isinstance(value, Mapping) else french(value) for name, value in words.items()}


def _printed(text: str) -> str:
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
