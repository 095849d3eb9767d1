"""A table of figures below its chart, and the same figures as files.

What is here: `show_figures`, `offer_files` alone, `part`.
What to add here: another kind of file.
What must not be here: which figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

import polars as pl
import streamlit as st

from credit_platform.console.context import Context
from credit_platform.console.officer import note, signed_in
from credit_platform.console.texts import Texts
from credit_platform.console.views.parts import escaped, show_rows
from credit_platform.errors import CreditPlatformError
from credit_platform.monitoring.overview.export import as_csv, as_parquet

_PARQUET = "application/vnd.apache.parquet"
_NO_FILE_NAME = re.compile(r"[^\w.-]+")
_FEW = 8
"""Rows that are shown without scrolling."""


def show_figures(
    context: Context,
    name: str,
    rows: Sequence[Mapping[str, str]],
    frame: pl.DataFrame,
    now: datetime,
    *,
    title: str,
    folded: bool = True,
) -> None:
    """Draw a table, and offer the rows it shows as CSV and Parquet.

    Args:
        context: of the page.
        name: of the files.
        rows: the table in words of the page, a row for each of `frame`.
        frame: the same rows as values.
        now: when they were read; the files are named by it.
        title: what the table is called.
        folded: whether it is opened by who wants it, as the figures of a chart are.
    """
    texts = context.texts
    place = st.expander(texts("figures_and_files", name=title)) if folded else st.container()
    with place:
        height: Literal["auto", "content"] = "content" if len(rows) <= _FEW else "auto"
        show_rows(rows, height=height)
        offer_files(context, name, frame, now, title=title)


def offer_files(context: Context, name: str, frame: pl.DataFrame, now: datetime, *, title: str) -> None:
    """Offer a table that is drawn as CSV and Parquet; who saves it is in the name of the file and in the log.

    Args:
        context: of the page.
        name: of the files.
        frame: the rows, as values.
        now: when they were read; the files are named by it.
        title: what the table is called.
    """
    texts, officer = context.texts, signed_in()
    by = "" if officer is None else f"_{_NO_FILE_NAME.sub('-', officer.name)}"
    stem = f"{context.portfolio.name}_{name}_{now:%Y%m%dT%H%M%SZ}{by}"
    with st.container(horizontal=True):
        csv, parquet = texts("as_csv_of", name=title), texts("as_parquet_of", name=title)
        _offer(csv, as_csv(frame), f"{stem}.csv", mime="text/csv", rows=frame.height)
        _offer(parquet, as_parquet(frame), f"{stem}.parquet", mime=_PARQUET, rows=frame.height)


def _offer(label: str, content: bytes, file_name: str, *, mime: str, rows: int) -> None:
    officer = signed_in()

    def taken() -> bytes:
        note("exported", file_name, officer, rows)
        return content

    st.download_button(
        label,
        taken,
        file_name=file_name,
        mime=mime,
        icon=":material/download:",
        on_click="ignore",
        # Not by the time in its name: after a refresh it is the same button.
        key=f"{label}-{mime}",
    )


@contextmanager
def part(texts: Texts) -> Iterator[None]:
    """A part of a page: when what it reads fails it says so, and the others are drawn all the same."""
    try:
        yield
    except CreditPlatformError as error:
        st.error(texts("part_unreadable", why=escaped(str(error))), icon=":material/error:")
