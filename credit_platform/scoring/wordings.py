"""When a wording is true: conditions made ready once, and wordings as a file of a scorer.

What is here: `Phrase`, a wording that can be asked whether it fits, and `words_to_json` / `reasons_from_json`.
What to add here: an operator, beside `portfolios.reason.Operator`.
What must not be here: which family is said (`reasons.py`), and a sentence.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from credit_platform.errors import ScorerError
from credit_platform.portfolios.reason import OPERATORS, SITUATIONS, Condition, DataSource, Reason, Wording

ValueOf = Callable[[str], Any]
"""Gives the value of a feature of one applicant, None when it is not known."""
_Test = Callable[[Any], bool]

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Phrase:
    """A wording, compiled."""

    __slots__ = ("_tests", "features", "texts", "wording")

    def __init__(self, wording: Wording) -> None:
        """Compile the conditions.

        Raises:
            ScorerError: a situation or an operator is not known, or a value does not fit its operator.
        """
        if wording.situation not in SITUATIONS:
            raise _unknown(f"situation {wording.situation!r}", SITUATIONS)
        self.wording = wording
        self.texts = {"fr": wording.fr, "en": wording.en}
        self._tests = tuple((condition.feature, _test(condition)) for condition in wording.when)
        self.features = frozenset(name for name, _ in self._tests)

    def fits(self, value_of: ValueOf) -> bool:
        """Whether every condition holds of one applicant."""
        for name, test in self._tests:  # noqa: SIM110  # a generator for each sentence costs more than the tests
            if not test(value_of(name)):
                return False
        return True


def _test(condition: Condition) -> _Test:
    kind, bound = condition.operator, condition.value
    if kind == "known":
        return _known
    if kind == "unknown":
        return _unknown_value
    if kind == "in" and isinstance(bound, tuple | list):
        among = frozenset(bound)
        return lambda value: value is not None and value in among
    if kind in _COMPARE and isinstance(bound, int | float | str):
        compare = _COMPARE[kind]
        return lambda value: value is not None and compare(value, bound)
    raise _unknown(f"condition {kind!r} with {bound!r} on {condition.feature}", OPERATORS)


def _known(value: Any) -> bool:
    return value is not None


def _unknown_value(value: Any) -> bool:
    return value is None


def _unknown(what: str, known: tuple[str, ...]) -> ScorerError:
    return ScorerError(f"A wording has the {what}, which is not known.", f"Use one of: {', '.join(known)}.")


def reasons_to_json(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Families with their wordings as plain values."""
    return [
        {
            "code": reason.code,
            "source": None if reason.source is None else {**vars(reason.source), "tables": list(reason.source.tables)},
            "adverse": {"fr": reason.adverse_fr, "en": reason.adverse_en},
            "favourable": {"fr": reason.favourable_fr, "en": reason.favourable_en},
            "wordings": [
                {**vars(one), "when": [[c.feature, c.operator, c.value] for c in one.when]} for one in reason.wordings
            ],
        }
        for reason in reasons
    ]


def reasons_from_json(values: list[dict[str, Any]]) -> tuple[Reason, ...]:
    """What `reasons_to_json` wrote."""
    return tuple(
        Reason(
            code=one["code"],
            source=None if one["source"] is None else _source(one["source"]),
            adverse_fr=one["adverse"]["fr"],
            adverse_en=one["adverse"]["en"],
            favourable_fr=one["favourable"]["fr"],
            favourable_en=one["favourable"]["en"],
            wordings=tuple(_wording(wording) for wording in one["wordings"]),
        )
        for one in values
    )


def _source(value: Mapping[str, Any]) -> DataSource:
    return DataSource(tables=tuple(value["tables"]), fr=value["fr"], en=value["en"])


def _wording(value: Mapping[str, Any]) -> Wording:
    when = tuple(
        Condition(feature, kind, tuple(bound) if isinstance(bound, list) else bound)
        for feature, kind, bound in value["when"]
    )
    return Wording(situation=value["situation"], fr=value["fr"], en=value["en"], when=when)
