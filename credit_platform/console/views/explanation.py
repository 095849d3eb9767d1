"""Why an applicant gets the score: the waterfall, every detail, and the place among similar applicants.

What is here: two tabs of the applicant's page.
What to add here: another view of an explanation.
What must not be here: computing contributions; they come from the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from credit_platform.console import charts
from credit_platform.console.context import Context
from credit_platform.console.tables import most_alike
from credit_platform.console.texts import Texts
from credit_platform.console.views.parts import show_chart, show_rows
from credit_platform.scoring.rule import is_refused


def show_why(explanation: Mapping[str, Any], texts: Texts) -> None:
    """Draw the waterfall and the table of all contributions; `explanation` is an answer of `POST /explain`."""
    base = texts.percent(charts.probability(explanation["base_value"]))
    after = texts.percent(charts.probability(explanation["log_odds"]))
    st.caption(texts("waterfall_caption", base=base, probability=after))
    show_chart(
        charts.waterfall(explanation, texts),
        height=charts.waterfall_height(explanation),
        alt=texts("waterfall_alt"),
    )
    with st.expander(texts("details")):
        st.caption(texts("details_caption"))
        show_rows(
            [
                {
                    texts("subject"): texts.family(one["reason"]),
                    texts("detail"): one["description"],
                    texts("value"): texts.feature_value(one["feature"], one["value"], one["unit"]),
                    texts("effect"): texts.signed(one["contribution"], 3),
                }
                for one in explanation["contributions"]
            ]
        )


def show_similar(context: Context, application: Mapping[str, object], explanation: Mapping[str, Any]) -> None:
    """Draw the applicant's place in the portfolio, and what became of those who are most alike."""
    texts, portfolio = context.texts, context.portfolio
    scores, compared = context.scores(), context.compared()
    if scores is None or compared is None:
        st.info(texts("similar_none"))
        return
    risk, threshold = explanation["probability_of_default"], explanation["threshold"]
    everybody = scores.frame["probability"]
    keys = most_alike(compared, portfolio, application)
    alike = scores.frame.filter(pl.col(portfolio.applicant_key).is_in(keys.implode()))
    lower = texts.percent(float((everybody < risk).mean() or 0.0), 0)
    st.markdown(f"**{texts('similar_sentence', share=lower)}**")
    st.markdown(
        texts(
            "similar_near",
            count=alike.height,
            accepted=int((~is_refused(alike["probability"], threshold)).sum()),
            defaults=int((alike["target"] == 1).sum()),
        )
    )
    show_chart(
        charts.histogram(
            {texts("everybody"): everybody, texts("alike"): alike["probability"]},
            texts,
            colours=(charts.PALE, charts.BETTER),
            marks={texts("this_applicant"): risk, texts("limit"): threshold},
            stacked=False,
        ),
        height=charts.HEIGHT,
        alt=texts("similar_alt"),
    )
    st.caption(texts("similar_caption", count=everybody.len(), near=alike.height))
