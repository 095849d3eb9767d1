"""Page 4, as Streamlit runs it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Problem
from credit_platform.settings import Settings
from credit_platform_tests.unit.console.conftest import Bridge, Show
from credit_platform_tests.unit.console.views.test_applicant import button, said
from credit_platform_tests.unit.monitoring.drift.home import Home
from credit_platform_tests.unit.monitoring.overview.made_up import record
from credit_platform_tests.watched_home import A_DAY, MOVED, make_watched_home


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_watched_home(tmp_path_factory.mktemp("watched") / "a home, é")


@pytest.fixture
def in_watched(watched: Home, show: Show, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    use(monkeypatch, watched.settings)
    yield watched
    st.cache_resource.clear()


def use(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(settings.home))
    monkeypatch.delenv("CREDIT_PLATFORM_DECISION_LOG_URL")


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def columns(page: AppTest) -> list[list[str]]:
    return [list(table.value.columns) for table in page.dataframe]


def test_an_empty_home_says_what_is_missing_and_is_left_empty(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "new"
    use(monkeypatch, Settings(home=home))
    for language, words in {
        "en": ("no model in use. First build one: `credit-platform run german_credit`", "Nothing was ever noted"),
        "fr": ("il n’a pas de modèle en service. Il faut d’abord en construire un", "Rien d’anormal n’a jamais"),
    }.items():
        page = show(f"monitoring-{language}")
        assert not page.exception
        assert all(word in said(page) for word in words)
        assert not page.metric
        assert not page.dataframe
    assert "Drift is judged of decisions, and none about this portfolio has been recorded." in said(show("monitoring"))
    assert not home.exists()


def test_a_model_in_use_without_decisions_asks_for_one(show: Show) -> None:
    page = show("monitoring")
    assert not page.exception
    assert "Ask for one on the page Applicant, or send made-up applicants" in said(page)
    assert "has decided about nobody in this time" in said(page)


def test_a_decision_is_there_with_the_next_refresh(show: Show) -> None:
    page = show("monitoring")
    button(show("applicant"), "Ask for the decision")
    assert "Decisions" not in {label for label, value in figures(page).items() if value == "1"}
    page = button(page, "Refresh now")
    assert not page.exception
    assert figures(page)["Decisions"] == "1"
    assert figures(page)["Acceptance rate"] == "100.0%"
    # The service in this process has answered: two requests, none of them failed.
    assert figures(page)["Error rate"] == "0.00%"
    assert int(figures(page)["Scoring requests"]) >= 1
    assert "has not been judged yet" in said(page)
    assert ["Time", "Request", "Decision", "Risk", "Points", "Time (ms)", "Model"] in columns(page)


def test_a_watched_home_in_figures(in_watched: Home, show: Show) -> None:
    page = show("monitoring")
    assert not page.exception
    assert figures(page)["Decisions"] == f"{2 * A_DAY:,}"
    assert (figures(page)["Time, p50"], figures(page)["Time, p95"]) == ("1.0 ms", "1.0 ms")
    assert figures(page)["Error rate"] == "–"
    assert "No scoring service of this portfolio runs" in said(page)
    assert "The feed of features broke" in said(page)
    assert MOVED.replace("_", "\\_") in said(page)
    assert "No outcome" not in said(page)
    assert "How the model does has not been measured yet" in said(page)
    drift = next(table.value for table in page.dataframe if "Verdict" in table.value.columns)
    assert drift["Feature"].iloc[0] == MOVED
    assert len(drift) == in_watched.drift_record().newest.features  # type: ignore[union-attr]  # there is one
    recent = next(table.value for table in page.dataframe if "Request" in table.value.columns)
    assert len(recent) == 50
    assert not any("a-" in str(value) or "b-" in str(value) for value in recent["Model"])


def test_a_feature_is_compared_group_by_group(in_watched: Home, show: Show) -> None:
    page = show("monitoring-fr")
    feature = next(one for one in page.selectbox if one.label == "Regarder une variable")
    page = feature.set_value(MOVED).run()
    assert not page.exception
    groups = next(table.value for table in page.dataframe if "référence" in table.value.columns)
    assert groups["Valeur"].iloc[0] == "absente"
    assert "100,0\u00a0%" in groups["maintenant"].to_list()


def test_a_window_without_decisions_names_the_newest(
    show: Show, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, now = DecisionStore(home.decision_log), datetime.now(UTC)
    store.append([record(1, now - timedelta(days=400))])
    assert "nor in any other that can be chosen" in said(show("monitoring"))
    store.append([record(2, now - timedelta(days=40))])
    page = show("monitoring")
    assert "choose a longer time" in said(page)
    page = next(one for one in page.selectbox if one.label == "Decisions of").set_value(90).run()
    assert figures(page)["Decisions"] == "1"
    assert "has decided about nobody" in said(page)


def test_it_can_be_told_not_to_refresh_itself_also_in_another_language(show: Show) -> None:
    page = show("monitoring")
    assert "again every minute" in said(page)
    page = next(one for one in page.selectbox if one.label == "Refresh every").set_value(0).run()
    assert "the page does not refresh itself" in said(page)
    page = next(one for one in page.selectbox if one.label == "Refresh every").set_value(10).run()
    assert "again every 10 seconds" in said(page)


def test_what_is_wrong_is_told_as_text(in_watched: Home, show: Show, tmp_path: Path) -> None:
    book = IncidentBook.of(in_watched.settings)
    book.observe(
        [Problem(key="k", title="Check *x*", message="<b>bad</b> [link](http://x)", at=1.0, severity="warning")], []
    )
    page = show("monitoring-fr")
    assert not page.exception
    assert "Check \\*x\\*" in said(page)
    assert "\\<b\\>bad" in said(page)
    assert "Avertissement" in next(t.value for t in page.dataframe if "Gravité" in t.value.columns)["Gravité"].to_list()


def test_parts_that_cannot_be_read_leave_the_others(
    watched: Home, show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "copy")
    shutil.copytree(watched.settings.home, settings.home)
    use(monkeypatch, settings)
    for file in (Path(settings.lakehouse_root) / "german_credit" / "monitoring" / "drift").rglob("*.parquet"):
        file.write_bytes(b"damaged")
    (settings.home / "incidents").mkdir(exist_ok=True)
    (settings.home / "incidents" / "incidents.db").write_text("no database", encoding="utf-8")
    page = show("monitoring")
    assert not page.exception
    assert "This part cannot be read" in said(page)
    assert "What is wrong cannot be read" in said(page)
    assert figures(page)["Decisions"] == f"{2 * A_DAY:,}"
    (settings.home / "decisions" / "decisions.db").write_text("no database", encoding="utf-8")
    page = show("monitoring")
    assert not page.exception
    assert "The decision log cannot be read" in said(page)


@pytest.mark.parametrize(("status", "words"), [(403, "key of the scope admin"), (500, "cannot be read")])
def test_metrics_that_are_refused_are_told(show: Show, service: Bridge, status: int, words: str) -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/metrics":
            return None
        return httpx.Response(status, json={"error": {"code": "x", "message": "no."}})

    service.instead = refuse
    page = show("monitoring")
    assert not page.exception
    assert words in said(page)


def test_something_else_that_answers_is_told(show: Show, service: Bridge) -> None:
    service.instead = lambda request: httpx.Response(200, text="<html>")
    page = show("monitoring-fr")
    assert not page.exception
    assert "Les mesures du service ne peuvent pas être lues" in said(page)
