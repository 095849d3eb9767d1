"""What several pages draw.

What is here: a decision and its reasons, a problem of the service in words, the mark of synthetic data.
What to add here: what a second page would otherwise copy.
What must not be here: a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from credit_platform.console.charts import WORDS, Spec
from credit_platform.console.texts import Texts
from credit_platform.serving.service_problems import NoAnswerError, Problem

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|$:<>~-])")
_LEGEND_LIMIT = 280
"""Longest name in a legend, in pixels: what a telephone of 390 has beside the axis."""
_WAIT = 5
"""Seconds to wait when the service does not say how long."""


def show_problem(problem: NoAnswerError, texts: Texts) -> None:
    """Say why there is no answer and what to do."""
    st.error(problem_sentence(problem, texts), icon=":material/error:")


def problem_sentence(problem: NoAnswerError, texts: Texts) -> str:
    """A problem of the service as a sentence for a loan officer."""
    if problem.kind is Problem.INVALID and problem.field is not None:
        return texts("problem_invalid", field=texts.field(problem.field), message=problem.message)
    key = "problem_invalid_other" if problem.kind is Problem.INVALID else f"problem_{problem.kind}"
    return texts(key, message=problem.message, wait=problem.wait or _WAIT)


def show_decision(answer: Mapping[str, Any], texts: Texts) -> None:
    """Draw a decision with its figures; `answer` has the fields of an answer of `POST /predict`."""
    probability, threshold = texts.percent(answer["probability_of_default"]), texts.percent(answer["threshold"])
    sentence = f"**{texts('decision_' + answer['decision'], probability=probability, threshold=threshold)}**"
    if answer["decision"] == "accepted":
        st.success(sentence, icon=":material/check_circle:")
    elif answer["decision"] == "refused":
        st.warning(sentence, icon=":material/block:")
    else:
        st.info(sentence, icon=":material/person_search:")
    risk, limit, points = st.columns(3)
    risk.metric(texts("probability"), probability, help=texts("probability_help"), border=True)
    limit.metric(texts("threshold"), threshold, help=texts("threshold_help"), border=True)
    points.metric(texts("points"), texts.number(answer["points"]), help=texts("points_help"), border=True)


def show_reasons(reasons: Sequence[Mapping[str, Any]], language: str, texts: Texts) -> None:
    """List the reasons, the strongest first; `language` is the one they are worded in."""
    st.subheader(texts("reasons"), anchor=False)
    said = (texts.printed(reason["text"], language) for reason in reasons)
    st.markdown("\n".join(f"{place}. {escaped(text)}" for place, text in enumerate(said, start=1)))


def show_chart(spec: Spec, *, height: int, alt: str) -> None:
    """Draw a chart; names and figures of its axes in a grey that stands out from the page by more than 4.5 to 1."""
    words = {"labelColor": WORDS, "titleColor": WORDS}
    config = {"axis": words, "legend": {**words, "labelLimit": _LEGEND_LIMIT}}
    st.vega_lite_chart(spec={**spec, "config": config}, height=height, alt=alt)


def show_rows(rows: Sequence[Mapping[str, str]], *, height: Literal["auto", "content"] = "auto") -> None:
    """Draw a table of texts. As Arrow, and at once: anything else Streamlit takes through pandas, half a second more.

    Without rows nothing says what the columns are called, and there is nothing to draw.
    """
    if rows:
        st.dataframe(arrow_rows(rows), hide_index=True, height=height, lazy=False)


def escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _MARKDOWN.sub(r"\\\1", text)


def arrow_rows(rows: Sequence[Mapping[str, str]]) -> pa.Table:
    """Rows of texts as a table of Arrow."""
    return pa.table({name: [row[name] for row in rows] for name in rows[0]})


def show_synthetic(texts: Texts, *, synthetic: bool) -> None:
    """Mark synthetic data as such."""
    if synthetic:
        st.badge(texts("synthetic"), icon=":material/science:", color="violet")
