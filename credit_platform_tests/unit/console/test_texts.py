"""Both languages say everything, with the same values put in."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from credit_platform.console.texts import LANGUAGES, Language, Texts, en, fr, words_en, words_fr
from credit_platform.console.views.monitoring_drift import FIGURES
from credit_platform.monitoring.drift.drift import Level
from credit_platform.monitoring.drift.verdicts import Verdict
from credit_platform.monitoring.notices.problems import Severity
from credit_platform.monitoring.overview.drift import NoDrift
from credit_platform.monitoring.overview.outcomes import Known
from credit_platform.monitoring.pages import PAGES
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.approval import LEVELS
from credit_platform.serving.service_problems import Problem


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    assert en.TEXTS.keys() == fr.TEXTS.keys()
    assert {key: places(text) for key, text in en.TEXTS.items()} == {
        key: places(text) for key, text in fr.TEXTS.items()
    }
    assert all(text.strip() for texts in (en.TEXTS, fr.TEXTS) for text in texts.values())


def test_nearly_every_text_is_translated() -> None:
    same = {key for key, text in en.TEXTS.items() if fr.TEXTS[key] == text}
    assert same <= {
        *("points", "column_points", "live_share"),
        *("unknown", "mon_p50", "mon_p95", "milliseconds", "mon_service", "level_stable", "verdict_stable"),
        "refresh_minutes",
        *("column_p50", "column_p95", "column_p_adjusted", "column_psi", "column_verdict", "column_importance"),
    }


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_texts_whose_keys_are_put_together_exist(language: Language) -> None:
    texts = en.TEXTS if language == "en" else fr.TEXTS
    for decision in ("accepted", "refused", "review"):
        assert {decision, f"decision_{decision}", f"what_if_{decision}"} <= texts.keys()
    assert {f"approval_{level.replace('-', '_')}" for level in LEVELS} <= texts.keys()
    assert {f"problem_{kind}" for kind in Problem} <= texts.keys()
    assert {f"drift_{why}" for why in NoDrift} <= texts.keys()
    assert {f"drift_level_{level}" for level in Level} | {f"level_{level}" for level in Level} <= texts.keys()
    assert {f"verdict_{verdict}" for verdict in Verdict} <= texts.keys()
    assert {f"outcomes_{known}" for known in Known} <= texts.keys()
    assert {f"page_of_{page}" for page in PAGES} <= texts.keys()
    assert {f"severity_{severity}" for severity in get_args(Severity)} <= texts.keys()
    assert {f"figure_{figure}" for figure in FIGURES} <= texts.keys()
    assert {"start_example", "start_known", "start_empty", "example_accepted", "example_refused"} <= texts.keys()


@pytest.mark.parametrize("portfolio", ["german_credit", "home_credit"])
@pytest.mark.parametrize("words", [words_en, words_fr], ids=["en", "fr"])
def test_every_field_and_value_has_its_word(words: Any, portfolio: str) -> None:
    fields: dict[str, str] = words.FIELDS[portfolio]
    values: dict[str, dict[object, str]] = words.VALUES[portfolio]
    columns = [c for c in get_portfolio(portfolio).application_columns if c.protected is None]
    wanted = {c.name: {*(c.allowed or ()), *(() if c.sentinel is None else (c.sentinel,))} for c in columns}
    assert fields.keys() == wanted.keys()
    assert {name: set(named) for name, named in values.items()} == {name: one for name, one in wanted.items() if one}
    for named in ([*fields.values()], *([*of_one.values()] for of_one in values.values())):
        assert len(set(named)) == len(named), "two of them look the same"


@pytest.mark.parametrize("portfolio", ["german_credit", "home_credit"])
def test_every_unit_is_said_in_french(portfolio: str) -> None:
    """`DM` is one in every language; days are never shown as such."""
    units = {c.unit for c in get_portfolio(portfolio).application_columns} - {None, "DM"}
    assert units <= words_fr.UNITS.keys()


@pytest.mark.parametrize("portfolio", ["german_credit", "home_credit"])
def test_every_reason_family_has_a_short_name(portfolio: str) -> None:
    codes = {reason.code for reason in get_portfolio(portfolio).reasons}
    assert codes <= words_en.FAMILIES.keys()
    assert words_en.FAMILIES.keys() == words_fr.FAMILIES.keys()


def test_every_kind_of_model_has_its_name() -> None:
    kinds = {kind for portfolio in ("german_credit", "home_credit") for kind in get_portfolio(portfolio).candidates}
    assert kinds <= words_en.CANDIDATES.keys()
    assert words_en.CANDIDATES.keys() == words_fr.CANDIDATES.keys()


def test_numbers_are_written_as_the_language_does() -> None:
    english, french = Texts("en"), Texts("fr")
    assert (english.number(1234.5), french.number(1234.5)) == ("1,234.50", "1\u202f234,50")
    assert (english.number(9000), french.number(9000)) == ("9,000", "9\u202f000")
    assert (english.percent(0.1842), french.percent(0.1842)) == ("18.4%", "18,4\u00a0%")
    moment = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
    assert (english.moment(moment), french.moment(moment)) == ("2026-03-01 09:05", "01/03/2026 09:05")


def test_words_that_nobody_named_are_shown_as_they_are() -> None:
    texts = Texts("fr", "german_credit")
    assert texts.field("unheard_of") == "unheard_of"
    assert texts.value("purpose", "new car") == "voiture neuve"
    assert texts.value("purpose", "a boat") == "a boat"
    assert texts.value("amount", 1500) == "1\u202f500"
    assert texts.value("amount", None) == "non renseigné"
    assert (texts.unit("months"), texts.unit("DM"), texts.unit(None)) == ("mois", "DM", "")
    assert texts.family("unheard_of") == "unheard of"


def test_a_noun_agrees_with_its_number() -> None:
    english, french = Texts("en"), Texts("fr")
    assert "1 décision sur 1," in french("found", shown=1, count=1)
    assert "0 décision sur 0," in french("found", shown=0, count=0)
    assert "200 décisions sur 1\u202f234," in french("found", shown=200, count=1234)
    assert "1 of 1 decision," in english("found", shown=1, count=1)
    assert "0 of 0 decisions," in english("found", shown=0, count=0)
    near = french("similar_near", count=50, accepted=1, defaults=0)
    assert "1 obtiendrait le prêt avec la limite actuelle, et 0 n’a pas remboursé" in near


def test_moments_are_those_of_the_lender() -> None:
    moment = datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)
    texts = Texts("fr", "german_credit", ZoneInfo("Europe/Paris"))
    assert texts.clock(moment) == "02/07/2026 00:30:05"
    assert "heure de Paris" in texts("found", shown=1, count=1)
    assert Texts("fr", zone=ZoneInfo("Europe/Amsterdam")).zone_name == "heure d’Amsterdam"
    assert Texts("en", zone=ZoneInfo("America/New_York")).zone_name == "New York time"
    assert Texts("fr").zone_name == "UTC"


def test_what_the_model_used_is_said_in_the_language_of_the_page() -> None:
    texts = Texts("fr", "german_credit")
    assert texts.feature_value("application__checking_account", "no account", None) == "aucun compte dans cette banque"
    assert texts.feature_value("application__telephone", "none", None) == "aucune"
    assert texts.feature_value("application__amount__large__flag", 1.0, "0 or 1") == "oui"
    assert texts.feature_value("application__amount", 9000.0, "DM") == "9\u202f000 DM"
    assert texts.feature_value("application__savings__level", 3.0, "level 0 to 3") == "3"
    assert texts.feature_value("application__savings__level", None, "level 0 to 3") == "non renseigné"
    assert (texts.signed(-0.3054, 3), texts.signed(0.3054, 3)) == ("\u22120,305", "+0,305")
