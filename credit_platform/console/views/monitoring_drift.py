"""Drift and outcomes on the page Monitoring.

What is here: the newest day that was judged, days before, features, whole pages to take away; what outcomes say.
What to add here: another figure of drift or performance.
What must not be here: judging; its words as assets have them, in English (`monitoring/drift`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from credit_platform.console import charts, drift_charts
from credit_platform.console.context import Context
from credit_platform.console.texts import Texts
from credit_platform.console.views.figures import show_figures
from credit_platform.console.views.monitoring_decisions import Look
from credit_platform.console.views.parts import escaped, show_chart, show_rows
from credit_platform.errors import ArtefactError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.drift.drift import Level
from credit_platform.monitoring.drift.verdicts import Verdict
from credit_platform.monitoring.outcomes.contract import outcome_folder
from credit_platform.monitoring.overview.drift import DriftOverview, NoDrift
from credit_platform.monitoring.overview.outcomes import Known, OutcomesOverview, outcomes_overview
from credit_platform.monitoring.pages import Page, newest_pages

_DIGITS = 12
_MOST_NAMED = 5
_MOST_DAYS = 90
_BASES = {
    "outcomes": "outcomes_measured",
    "expected": "outcomes_expected",
    "yardstick": "outcomes_yardstick",
    "decisions": "outcomes_measured",
}
FIGURES = ("auc", "default_rate", "brier", "cost_per_applicant", "acceptance_rate")
_SHARES = ("default_rate", "acceptance_rate")


def show_drift(context: Context, look: Look) -> None:
    """What the newest day says, or why none was judged."""
    texts = context.texts
    st.header(texts("mon_drift"), anchor=False)
    found = context.drift()
    if isinstance(found, NoDrift):
        st.info(texts(f"drift_{found}" if look.ever else "drift_no_decision", portfolio=context.portfolio.name))
    else:
        _show_day(context, found, look)
        _show_days(context, found)
        _show_features(context, found, look.now)
    _show_pages(context, nothing=not look.ever)


def drift_sentence(found: DriftOverview, texts: Texts) -> str:
    """What the newest day says."""
    newest = found.newest
    # There may be decisions enough, and no feature with a value to compare: of a feed that broke altogether.
    none_too_few = newest.level == Level.TOO_FEW and Verdict.TOO_FEW not in found.features["verdict"].to_list()
    return texts(
        "drift_level_nothing" if none_too_few and newest.decisions["28"] else f"drift_level_{newest.level}",
        drifted=newest.drifted,
        features=newest.features,
        score=texts.percent(newest.score, 0),
        decisions=newest.decisions["28"],
    )


def _show_day(context: Context, found: DriftOverview, look: Look) -> None:
    texts, newest = context.texts, found.newest
    shown = {"stable": st.success, "retrain": st.error}.get(newest.level, st.warning)
    (st.warning if newest.incidents and newest.level == Level.STABLE else shown)(drift_sentence(found, texts))
    moment = texts.moment(found.made_at)
    st.caption(texts("drift_of_day", day=texts.day(found.day), moment=moment, model=newest.model[:_DIGITS]))
    if newest.incidents:
        names = ", ".join(newest.incidents[:_MOST_NAMED])
        more = len(newest.incidents) - _MOST_NAMED
        named = names + (texts("and_more", count=more) if more > 0 else "")
        st.error(texts("drift_incidents", count=len(newest.incidents), names=escaped(named)))
    if newest.score_psi is not None and newest.acceptance_before is not None and newest.acceptance_now is not None:
        st.write(
            texts(
                "drift_consequence",
                psi=texts.number(newest.score_psi, 3),
                before=texts.percent(newest.acceptance_before),
                now=texts.percent(newest.acceptance_now),
            )
        )
    newer = look.decisions.filter(pl.col("decided_at") > found.made_at).height
    if newer:
        st.caption(texts("drift_newer", count=newer))


def _show_days(context: Context, found: DriftOverview) -> None:
    texts = context.texts
    if found.days.height > 1:
        show_chart(
            drift_charts.drift_over_time(found.days.tail(_MOST_DAYS), texts),
            height=charts.HEIGHT,
            alt=texts("drift_over_time_alt", count=min(found.days.height, _MOST_DAYS)),
        )


def _show_features(context: Context, found: DriftOverview, now: datetime) -> None:
    texts, features = context.texts, found.features
    drawn = min(features.height, drift_charts.MOST_FEATURES)
    drifted = features.head(drawn)["drifted"].sum()
    show_chart(
        drift_charts.stability_indices(features, texts),
        height=drift_charts.stability_height(features),
        alt=texts("drift_psi_alt", count=drawn, drifted=drifted),
    )
    rows = [_feature_row(row, texts) for row in features.iter_rows(named=True)]
    show_figures(context, "drift", rows, features, now, title=texts("mon_drift"), folded=False)
    _show_feature(context, found)


def _feature_row(row: dict[str, Any], texts: Texts) -> dict[str, str]:
    def number(name: str, decimals: int) -> str:
        return texts("unknown") if row[name] is None else texts.number(row[name], decimals)

    def share(name: str) -> str:
        return texts("unknown") if row[name] is None else texts.percent(row[name])

    return {
        texts("drift_feature"): row["feature"],
        texts("column_verdict"): texts(f"verdict_{row['verdict']}"),
        texts("drift_state"): texts(drift_charts.state_of(row)),
        texts("column_importance"): share("importance"),
        texts("column_psi"): number("psi", 3),
        texts("column_p_adjusted"): number("p_adjusted", 4),
        texts("column_days"): number("days", 0),
        texts("column_decisions"): number("decisions", 0),
        texts("column_missing_before"): share("missing_before"),
        texts("column_missing_now"): share("missing_now"),
    }


def _show_feature(context: Context, found: DriftOverview) -> None:
    """One feature, training against now; it is computed when somebody asks for it."""
    texts = context.texts
    chosen = st.selectbox(
        texts("drift_feature_choice"),
        found.features["feature"].to_list(),
        index=None,
        placeholder=texts("choose"),
        key=f"monitoring_feature-{texts.language}",
    )
    if chosen is None:
        return
    bins = context.drift_bins(found).get(chosen)
    if bins is None:
        st.info(texts("drift_feature_gone"))
        return
    show_chart(
        drift_charts.feature_bins(bins, texts),
        height=120 + 40 * bins.height,
        alt=texts("drift_feature_alt", feature=chosen),
    )
    labels = drift_charts.bin_labels(bins, texts)
    shares = zip(labels, bins["before"], bins["now"], strict=True)
    show_rows(
        [
            {
                texts("value"): label,
                texts("drift_before"): texts.percent(before),
                texts("drift_now"): texts.percent(now),
            }
            for label, before, now in shares
        ]
    )


def _show_pages(context: Context, *, nothing: bool) -> None:
    """Buttons that save the newest whole pages; a page of the web must not open files of this machine."""
    texts = context.texts
    pages = list(newest_pages(context.settings, context.portfolio).values())
    if not pages:
        if not nothing:
            st.caption(texts("page_none", portfolio=context.portfolio.name))
        return
    with st.container(horizontal=True):
        for page in pages:
            _offer_page(context, page)
    places = ", ".join(f"`{page.file}`" for page in pages)
    st.caption(texts("page_caption", places=places))


def _offer_page(context: Context, page: Page) -> None:
    """It is read when somebody asks for it: some have megabytes."""
    texts, shelf = context.texts, Shelf.of(context.settings)

    def content() -> bytes:
        try:
            return shelf.store.get(page.key)
        except ArtefactError as error:  # removed since the page was drawn
            return str(error).encode()

    st.download_button(
        f"{texts(f'page_of_{page.name}')} ({texts.moment(page.made_at)})",
        content,
        file_name=f"{context.portfolio.name}_{page.file.name}",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        key=f"page-{page.name}",
    )


def show_outcomes(context: Context, look: Look) -> None:
    """What outcomes say of the model in use, or what is missing."""
    texts = context.texts
    st.header(texts("mon_outcomes"), anchor=False)
    found = outcomes_overview(context.lakehouse, context.portfolio)
    if found.known is not Known.MATURE and not look.ever:
        st.info(texts("outcomes_no_decision"))
        return
    said = _outcomes_sentence(context, found)
    if found.known is Known.MATURE:
        st.write(said)
    else:
        st.info(said)
    if found.synthetic:
        st.caption(texts("outcomes_synthetic"))
    figures = [one for one in found.figures if one[0] in FIGURES]
    if figures:
        schema = {"figure": pl.String, "basis": pl.String, "value": pl.Float64}
        frame = pl.DataFrame(figures, schema=schema, orient="row")
        rows = [
            {
                texts("column_figure"): texts(f"figure_{figure}"),
                texts("column_basis"): texts(_BASES[basis]),
                texts("column_value"): texts.percent(value) if figure in _SHARES else texts.number(value, 3),
            }
            for figure, basis, value in figures
        ]
        show_figures(context, "outcomes", rows, frame, look.now, title=texts("mon_outcomes"))


def _outcomes_sentence(context: Context, found: OutcomesOverview) -> str:
    texts = context.texts
    return texts(
        f"outcomes_{found.known}",
        portfolio=context.portfolio.name,
        folder=f"`{outcome_folder(context.settings, context.portfolio)}`",
        loans=found.loans,
        months=context.portfolio.monitoring.maturity_months,
        mature=found.mature,
        defaults=found.defaults,
    )
