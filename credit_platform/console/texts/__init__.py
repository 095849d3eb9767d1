"""Every word that the console shows, a module for each language.

What is here: `Texts` (looks words up, writes numbers and dates), `en.py` and `fr.py` with equal keys (with the page
Monitoring in modules of its own), `typography.py` (apostrophes and spaces of French), and `words_en.py` and
`words_fr.py`: fields, values, units and reason families of the portfolios; of those with many fields in a module of
their own (`home_credit_en.py`).
What to add here: a text, in every language; the words of a portfolio.
What must not be here: anything that decides what is shown. Reasons are not here either: the service words them.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from credit_platform.console.texts import en, fr, words_en, words_fr
from credit_platform.console.texts.typography import french, french_words

Language = Literal["fr", "en"]
LANGUAGES: Mapping[Language, str] = {"fr": "Français", "en": "English"}
_TEXTS: Mapping[Language, Mapping[str, str]] = {"fr": french_words(fr.TEXTS), "en": en.TEXTS}
_TABLES = ("FIELDS", "VALUES", "UNITS", "FAMILIES", "CANDIDATES")
_WORDS: Mapping[Language, Mapping[str, Mapping[Any, Any]]] = {
    "fr": {name: french_words(getattr(words_fr, name)) for name in _TABLES},
    "en": {name: getattr(words_en, name) for name in _TABLES},
}
_THIN_SPACE = "\u202f"
_MINUS = "\u2212"
_VOWELS = "AEIOUYÉ"
_FLAG_UNIT = "0 or 1"


class _Wording(string.Formatter):
    """Puts values into a text: whole numbers as the language writes them, and `{count:loan|loans}` agrees with one."""

    def __init__(self, texts: Texts) -> None:
        """Write as `texts` does."""
        self._texts = texts

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value; one and many are told apart by `|`."""
        if isinstance(value, int) and not isinstance(value, bool):
            one, _, many = format_spec.partition("|")
            return self._texts.number(value) if not format_spec else one if self._texts.is_one(value) else many
        return str(super().format_field(value, format_spec))


@dataclass(frozen=True)
class Texts:
    """The words of one language; `portfolio` says whose fields they name."""

    language: Language
    portfolio: str = ""
    zone: tzinfo = UTC
    """Of the lender: moments are shown as its clocks show them."""

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with the values put in, `{zone}` without being asked; KeyError when there is none."""
        return _Wording(self).vformat(_TEXTS[self.language][key], (), {"zone": self.zone_name, **values})

    def is_one(self, count: int) -> bool:
        """Whether a noun after this number stands in the singular: in French 0 does, too."""
        return count in (-1, 0, 1) if self.language == "fr" else count == 1

    @property
    def zone_name(self) -> str:
        """Whose time it is, to stand behind a moment: `Paris time`."""
        key = self.zone.key if isinstance(self.zone, ZoneInfo) else "UTC"
        city = key.rpartition("/")[2].replace("_", " ")
        if "/" not in key:
            return key
        if self.language == "en":
            return f"{city} time"
        return f"heure d\u2019{city}" if city[0] in _VOWELS else f"heure de {city}"

    def printed(self, text: str, language: str) -> str:
        """A text that the service worded in `language`, with the apostrophes and spaces of print."""
        return french(text) if language == "fr" else text

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

    def feature_value(self, feature: str, value: object, unit: str | None) -> str:
        """A value of a feature: a category in the words of its column, yes or no, a number with its unit.

        Args:
            feature: name of the feature, which holds that of the column it comes from.
            value: as the model took it.
            unit: of the feature.
        """
        if isinstance(value, int | float) and unit == _FLAG_UNIT and value in (0, 1):
            return self("yes" if value else "no")
        if isinstance(value, int | float):
            known = unit if self.language == "en" else _WORDS["fr"]["UNITS"].get(unit, unit if unit == "DM" else None)
            scale = known is None or any(letter.isdigit() for letter in known)
            return self.number(value) if scale else f"{self.number(value)} {known}"
        if value is None:
            return self("not_given")
        columns: Mapping[str, Mapping[object, str]] = _WORDS[self.language]["VALUES"].get(self.portfolio, {})
        words = {column: of_one[value] for column, of_one in columns.items() if value in of_one}
        own = [word for column, word in words.items() if column.casefold() in feature.casefold()]
        return own[-1] if own else words.popitem()[1] if len(set(words.values())) == 1 else str(value)

    def candidate(self, name: str) -> str:
        """A kind of model."""
        named: Mapping[str, str] = _WORDS[self.language]["CANDIDATES"]
        return named.get(name, name.replace("_", " "))

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
        text = f"{value:,.{decimals}f}".replace("-", _MINUS)
        return text if self.language == "en" else text.replace(",", _THIN_SPACE).replace(".", ",")

    def signed(self, value: float, decimals: int) -> str:
        """A number whose sign is always written."""
        return f"{'' if value < 0 else '+'}{self.number(value, decimals)}"

    def percent(self, share: float, decimals: int = 1) -> str:
        """A share as a percentage."""
        number = self.number(100 * share, decimals)
        return f"{number}%" if self.language == "en" else f"{number}\u00a0%"

    def day(self, day: date) -> str:
        """A date."""
        return day.strftime("%Y-%m-%d" if self.language == "en" else "%d/%m/%Y")

    def clock(self, moment: datetime) -> str:
        """A date with its time to the second."""
        return f"{self.moment(moment)}:{moment:%S}"  # zones differ by whole minutes

    def moment(self, moment: datetime) -> str:
        """A date with its time, in the lender's zone."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M" if self.language == "en" else "%d/%m/%Y %H:%M")
