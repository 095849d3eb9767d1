"""Page 2: how the model in use treats the portfolio as a whole.

What is here: acceptance, cost, distribution of the risk, recorded decisions, drift.
What to add here: another figure about many applicants.
What must not be here: one applicant.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from credit_platform.console import charts
from credit_platform.console.context import Context, service_documents
from credit_platform.console.tables import Figures, StoredScores
from credit_platform.console.views.figures import part
from credit_platform.console.views.parts import show_chart, show_synthetic
from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import Filter
from credit_platform.scoring.rule import is_refused
from credit_platform.serving.service_problems import NoAnswerError

_DECISIONS = ("accepted", "review", "refused")


def show(context: Context) -> None:
    """Draw the page."""
    texts = context.texts
    st.title(texts("page_portfolio"), anchor=False)
    st.write(texts("portfolio_intro"))
    scores = context.scores()
    if scores is None:
        st.info(texts("portfolio_empty", portfolio=context.portfolio.name))
    else:
        show_synthetic(texts, synthetic=scores.synthetic)
        _show_model(context, scores)
    _show_recorded(context)
    _show_drift(context)


def _show_model(context: Context, scores: StoredScores) -> None:
    info = _model_info(context)
    stored = context.figures()
    threshold = float(info["threshold"]) if info else _stored_threshold(stored)
    texts = context.texts
    if info:
        kind = texts.candidate(str(info["candidate"]))
        st.caption(
            texts(
                "model_version",
                name=info["name"],
                version=info["version"],
                kind=kind,
                threshold=texts.percent(threshold),
            )
        )
    _show_approval(context)
    _show_figures(context, scores, stored, threshold)
    _show_distribution(context, scores, threshold)
    if not stored.curve.is_empty():
        st.header(texts("cost_curve"), anchor=False)
        show_chart(charts.cost_curve(stored.curve, threshold, texts), height=charts.HEIGHT, alt=texts("cost_curve_alt"))
        st.caption(texts("cost_curve_caption"))


def _show_approval(context: Context) -> None:
    """Which policy of approval holds, and who spoke for the model in use."""
    found, texts = context.approval(), context.texts
    if found is None:
        return
    said = texts(f"approval_{found.level.replace('-', '_')}")
    if found.person is not None and found.at is not None:
        said += f" {texts('approval_by', person=found.person, date=texts.day(found.at.astimezone(texts.zone)))}"
    st.caption(said)


def _model_info(context: Context) -> dict[str, Any] | None:
    if context.access is not None:
        try:
            return service_documents(context.access)[1]
        except NoAnswerError:
            pass  # the stored tables say enough; the page says where they come from
    st.info(context.texts("service_away"))
    return None


def _show_figures(context: Context, scores: StoredScores, stored: Figures, threshold: float) -> None:
    texts, portfolio = context.texts, context.portfolio
    acceptance = float((~is_refused(scores.frame["probability"], threshold)).mean() or 0.0)  # type: ignore[arg-type]  # of booleans
    accepted, limit, cost, auc = st.columns(4)
    accepted.metric(texts("acceptance"), texts.percent(acceptance), help=texts("acceptance_help"), border=True)
    limit.metric(texts("threshold"), texts.percent(threshold), help=texts("threshold_help"), border=True)
    figures = stored.threshold
    if figures is not None:
        ratio = portfolio.costs.false_negative / portfolio.costs.false_positive
        cost.metric(
            texts("cost"),
            texts.number(figures.cost_per_applicant, 3),
            help=texts(
                "cost_help",
                ratio=texts.number(ratio),
                accept_all=texts.number(figures.accept_all_cost, 2),
                refuse_all=texts.number(figures.refuse_all_cost, 2),
            )
            + " "
            + texts(
                "cost_interval",
                low=texts.number(figures.cost_low, 3),
                high=texts.number(figures.cost_high, 3),
            ),
            border=True,
        )
        auc.metric(texts("auc"), texts.number(figures.metrics["auc"], 3), help=texts("auc_help"), border=True)


def _stored_threshold(stored: Figures) -> float:
    return 0.5 if stored.threshold is None else stored.threshold.rule.threshold


def _show_distribution(context: Context, scores: StoredScores, threshold: float) -> None:
    texts = context.texts
    st.header(texts("distribution"), anchor=False)
    defaulted = pl.col("target") == 1
    groups = {
        texts("repaid"): scores.frame.filter(~defaulted)["probability"],
        texts("defaulted"): scores.frame.filter(defaulted)["probability"],
    }
    show_chart(
        charts.histogram(
            groups,
            texts,
            colours=(charts.PALE, charts.WORSE),
            marks={texts("limit"): threshold},
            stacked=True,
        ),
        height=charts.HEIGHT,
        alt=texts("distribution_alt"),
    )
    caption = "distribution_caption" if scores.out_of_fold else "distribution_holdout"
    st.caption(texts(caption, count=scores.frame.height))


def _show_recorded(context: Context) -> None:
    texts = context.texts
    st.header(texts("live"), anchor=False)
    name = context.portfolio.name
    try:
        counts = {one: context.store.count(Filter(portfolio=name, decision=one)) for one in _DECISIONS}
    except DecisionLogError:
        st.error(texts("log_unreachable"))
        return
    total = sum(counts.values())
    if not total:
        st.info(texts("live_none"))
        return
    shown = [one for one in _DECISIONS if counts[one] or one != "review"]
    for column, one in zip(st.columns(len(shown)), shown, strict=True):
        share = texts("live_share", count=counts[one], share=texts.percent(counts[one] / total, 0))
        column.metric(texts(one), share, border=True)
    st.caption(texts("live_simulated"))


def _show_drift(context: Context) -> None:
    texts = context.texts
    st.header(texts("drift"), anchor=False)
    with part(texts):
        from credit_platform.console.views.monitoring_drift import drift_sentence  # noqa: PLC0415  # brings scipy, seconds
        from credit_platform.monitoring.overview.drift import NoDrift  # noqa: PLC0415  # brings scipy, seconds

        found = context.drift()
        if isinstance(found, NoDrift):
            st.info(texts(f"drift_{found}", portfolio=context.portfolio.name))
            return
        st.write(drift_sentence(found, texts))
        st.caption(texts("drift_elsewhere", day=texts.day(found.day)))
