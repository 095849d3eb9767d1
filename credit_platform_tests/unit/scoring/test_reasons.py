from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.errors import ScorerError
from credit_platform.features.inputs import feature_inputs
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.reason import Condition, DataSource, Reason, Situation, Wording
from credit_platform.scoring import DataUsed, ReasonMap
from credit_platform.scoring.decision import Language, Outcome
from credit_platform_tests.unit.features.toy import TOY

PORTFOLIO = get_portfolio("german_credit")
NAMES = [feature.name for feature in PORTFOLIO.features]
MAP = ReasonMap(PORTFOLIO, NAMES)
SILENT = ReasonMap(replace(PORTFOLIO, reasons=tuple(replace(r, wordings=()) for r in PORTFOLIO.reasons)), NAMES)
"""Knows the sentences of last resort only."""
UNKNOWN = dict.fromkeys(NAMES).__getitem__
"""An applicant of whom nothing is known."""

contributions = st.lists(st.floats(-5, 5), min_size=len(NAMES), max_size=len(NAMES))


def test_an_unmapped_feature_is_refused() -> None:
    with pytest.raises(ScorerError, match="no reason for shoe_size"):
        ReasonMap(PORTFOLIO, [*NAMES, "shoe_size"])
    first = PORTFOLIO.reasons[0]
    with pytest.raises(ScorerError, match="no reason for"):
        ReasonMap(replace(PORTFOLIO, reasons=tuple(r for r in PORTFOLIO.reasons if r != first)), NAMES)


@settings(deadline=None)
@given(contributions)
def test_families_keep_the_whole_sum(values: list[float]) -> None:
    row = np.array([values])
    families = MAP.by_family(row)
    assert families.shape == (1, len(MAP.codes))
    assert families.sum() == pytest.approx(row.sum(), abs=1e-9)
    for code, value in zip(MAP.codes, families[0], strict=True):
        own = [v for v, feature in zip(values, PORTFOLIO.features, strict=True) if feature.reason == code]
        assert value == pytest.approx(sum(own), abs=1e-9)


@settings(deadline=None)
@given(contributions, st.sampled_from(["fr", "en"]))
def test_the_strongest_families_of_the_right_side_are_given(values: list[float], language: Language) -> None:
    families = MAP.by_family(np.array([values]))[0]
    sides: dict[Outcome, int] = {"refused": 1, "review": 1, "accepted": -1}
    for outcome, sign in sides.items():
        reasons = SILENT.choose(families, outcome, language, UNKNOWN)
        strength = sorted((sign * families)[sign * families > 0], reverse=True)[:4] or [max(sign * families)]
        assert [sign * reason.contribution for reason in reasons] == strength
        for reason in reasons:
            words = PORTFOLIO.reason(reason.code).text(language, adverse=outcome != "accepted")
            assert reason.text == words


def test_equal_families_are_ranked_by_code() -> None:
    reasons = MAP.choose(np.ones(len(MAP.codes)), "refused", "en", UNKNOWN)
    assert [reason.code for reason in reasons] == MAP.codes[:4]


def test_nobody_is_refused_without_a_reason() -> None:
    families = -np.arange(1.0, len(MAP.codes) + 1)
    (reason,) = SILENT.choose(families, "refused", "fr", UNKNOWN)
    assert reason.contribution == -1.0
    assert reason.text == PORTFOLIO.reason(MAP.codes[0]).adverse_fr


def told(outcome: Outcome, code: str, used: DataUsed | None = None, **values: object) -> str:
    """What is said of a family alone, in English."""
    families = np.zeros(len(LOANS.codes))
    families[LOANS.codes.index(code)] = 1.0 if outcome != "accepted" else -1.0
    (reason,) = LOANS.choose(families, outcome, "en", values.get, used or DataUsed(histories=("loans",)))
    assert reason.code == code
    return reason.text


def _wording(situation: Situation, text: str, *when: Condition) -> Wording:
    return Wording(situation=situation, fr=f"fr {text}", en=text, when=when)


LOANS = ReasonMap(
    TOY,
    ["loans__debt__sum", "city_known"],
    (
        Reason(
            code="r",
            adverse_fr="a",
            adverse_en="adverse, whatever",
            favourable_fr="c",
            favourable_en="favourable, whatever",
            source=DataSource(tables=("loans",), fr="prêts", en="loans"),
            wordings=(
                _wording("adverse", "much debt", Condition("loans__debt__sum", ">", 10)),
                _wording("favourable", "little debt", Condition("loans__debt__sum", "<=", 10)),
                _wording("not_looked_at", "not looked at"),
                _wording("nothing_known", "nothing known", Condition("loans__debt__sum", "unknown")),
            ),
        ),
    ),
)


@pytest.mark.parametrize(
    ("outcome", "debt", "looked_at", "text"),
    [
        ("refused", 11, True, "much debt"),
        ("refused", 9, True, "adverse, whatever"),
        ("accepted", 9, True, "little debt"),
        ("accepted", 11, True, "favourable, whatever"),
        ("refused", None, True, "nothing known"),
        ("accepted", None, True, "nothing known"),
        ("refused", None, False, "not looked at"),
        ("accepted", None, False, "not looked at"),
        ("review", 11, False, "much debt"),
    ],
)
def test_the_first_sentence_that_is_true_is_said(
    outcome: Outcome, debt: float | None, looked_at: bool, text: str
) -> None:
    used = DataUsed(histories=("loans",) if looked_at else ())
    assert told(outcome, "r", used, loans__debt__sum=debt) == text


def test_what_could_be_said_is_both_sides_of_each_family() -> None:
    possible = LOANS.possible({"loans__debt__sum": 11}.get, DataUsed(histories=("loans",)))
    assert [(adverse, wording.en) for adverse, wording in possible] == [
        (True, "much debt"),
        (False, "favourable, whatever"),
    ]


def _assets(*features: str) -> dict[tuple[bool, str], str]:
    """What home_credit says of possessions to the owner of a home without a car, where the model reads `features`."""
    names = [f"application__{name}" for name in features]
    kept = ReasonMap(get_portfolio("home_credit"), names)
    values = {"application__realty__flag": 1, "application__car__flag": 0}
    said = kept.possible(values.get, DataUsed())
    return {(adverse, code): one.en for (adverse, one), code in zip(said, np.repeat(kept.codes, 2), strict=True)}


def test_what_the_model_does_not_read_is_no_reason() -> None:
    """A home that somebody owns did not count where the model kept only the age of the car."""
    both = _assets("realty__flag", "car__flag")
    assert both[False, "assets"] == "You own a home or other real estate."
    assert both[True, "assets"] == "We know of no car that you own."
    age = _assets("car__age_to_age__ratio", "term__at_end__age")
    assert "What we know, or do not know, of what you own" in age[False, "assets"]
    assert "What we know, or do not know, of what you own" in age[True, "assets"]
    assert age[False, "loan_terms"].startswith("The form of your loan")


@pytest.mark.parametrize("name", ["german_credit", "home_credit"])
def test_a_model_of_all_features_can_say_every_sentence(name: str) -> None:
    portfolio = get_portfolio(name)
    inputs = feature_inputs(portfolio)
    for reason in portfolio.reasons:
        own = [inputs[feature.name] for feature in portfolio.features if feature.reason == reason.code]
        about = [inputs[condition.feature] for one in reason.wordings for condition in one.when]
        assert frozenset().union(*about) <= frozenset().union(*own), reason.code


@pytest.mark.parametrize("name", ["german_credit", "home_credit"])
def test_who_gets_the_loan_is_not_told_a_lack_as_an_advantage(name: str) -> None:
    """Of no account, no savings and no job it is said that they were no hindrance; of a history, that none is known."""
    for reason in get_portfolio(name).reasons:
        if reason.source is not None:
            continue
        absences = [one for one in reason.wordings if one.situation == "nothing_known"]
        for one in absences:
            told = next(
                w for w in reason.wordings if w.situation in ("favourable", "nothing_known") and w.when == one.when
            )
            assert told.en == f"{one.en[:-1]}; that does not stand in the way of this loan."
            assert told.fr == f"{one.fr[:-1]} ; cela ne s'oppose pas à ce prêt."
            assert told.situation == "favourable"
