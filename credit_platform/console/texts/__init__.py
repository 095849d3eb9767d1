"""Every word that the console shows, a module for each language.

What is here: `Texts` (looks words up, writes numbers and dates), `en.py` and `fr.py` with equal keys (with the page
Monitoring in modules of its own), `typography.py` (apostrophes and spaces of French), and `words_en.py` and
`words_fr.py`: fields, values, units and reason families of the portfolios; of those with many fields in a module of
their own (`home_credit_en.py`).
What to add here: a text, in every language; the words of a portfolio.
What must not be here: anything that decides what is shown. Reasons are not here either: the service words them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from credit_platform.console.texts import en, fr, words_en, words_fr
from credit_platform.console.texts.typography import french_words

Language = Literal["fr", "en"]
LANGUAGES: Mapping[Language, str] = {"fr": "Français", "en": "English"}
_TEXTS: Mapping[Language, Mapping[str, str]] = {"fr": french_words(fr.TEXTS), "en": en.TEXTS}
_TABLES = ("FIELDS", "VALUES", "UNITS", "FAMILIES")
_WORDS: Mapping[Language, Mapping[str, Mapping[Any, Any]]] = {
    "fr": {name: french_words(getattr(words_fr, name)) for name in _TABLES},
    "en": {name: getattr(words_en, name) for name in _TABLES},
}
_THIN_SPACE = "\u202f"


@dataclass(frozen=True)
class Texts:
    """The words of one language; `portfolio` says whose fields they name."""

    language: Language
    portfolio: str = ""

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with the values put in; KeyError when there is none."""
        return _TEXTS[self.language][key].format(**values)

    def field(self, name: str) -> str:
        """What a column is called; its own name where nobody has named it."""
        label: str = _WORDS[self.language]["FIELDS"].get(self.portfolio, {}).get(name, name)
        return label

    def value(self, name: str, value: object) -> str:
        """A value of a column as people say it."""
        if value is None:
            return self("not_given")
        named: Mapping[object, str] = _WORDS[self.language]["VALUES"].get(self.portfolio, {}).get(name, {})
        if value in named:
            return named[value]
        return self.number(value) if isinstance(value, int | float) else str(value)

    def unit(self, unit: str | None) -> str:
        """A unit; empty when there is none."""
        return "" if unit is None else str(_WORDS[self.language]["UNITS"].get(unit, unit))

    def family(self, code: str) -> str:
        """What a reason family is about."""
        named: Mapping[str, str] = _WORDS[self.language]["FAMILIES"]
        return named.get(code, code.replace("_", " "))

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number with the separators of the language; as many decimals as it needs, at most 2, unless said."""
        if decimals is None:
            decimals = 0 if float(value).is_integer() else 2
        text = f"{value:,.{decimals}f}"
        return text if self.language == "en" else text.replace(",", _THIN_SPACE).replace(".", ",")

    def percent(self, share: float, decimals: int = 1) -> str:
        """A share as a percentage."""
        number = self.number(100 * share, decimals)
        return f"{number}%" if self.language == "en" else f"{number}\u00a0%"

    def day(self, day: date) -> str:
        """A date."""
        return day.strftime("%Y-%m-%d" if self.language == "en" else "%d/%m/%Y")

    def clock(self, moment: datetime) -> str:
        """A date with its time to the second."""
        return f"{self.moment(moment)}:{moment:%S}"

    def moment(self, moment: datetime) -> str:
        """A date with its time."""
        return moment.strftime("%Y-%m-%d %H:%M" if self.language == "en" else "%d/%m/%Y %H:%M")
