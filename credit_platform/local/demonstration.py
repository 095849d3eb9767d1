"""What `make demo` shows: which portfolios and how much of each, on whose files, and what their services answer.

What is here: `DEMONSTRATIONS`; for each: what lies in its folder of raw files, whether it has to run, `ask`; `Shown`,
the figures of one that ran.
What to add here: a portfolio to show.
What must not be here: words (`cli/demo.py`, `cli/demo_summary.py`), running (`side_by_side.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import polars as pl

from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.generated_files import mark_of
from credit_platform.lakehouse.raw_files import has_files, raw_folder
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ThresholdRecord
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import bento_key, table_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.local.service_process import start_service
from credit_platform.serving.records import BentoRecord
from credit_platform.serving.service_client import Asked
from credit_platform.settings import Settings

EXPECTED = ("accepted", "refused")
"""The demonstration asks for one decision of each kind, by the portfolio's examples of these names."""
EXAMPLE = "EXAMPLE-"
"""Begins the identifiers of these made-up applicants, so that nobody takes them for the lender's own."""
SEED = 7

RawFiles = Literal["usable", "to be made", "real", "other generated"]
"""What lies where a demonstration reads: its own files, none, or somebody else's, which may be large."""


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """How much of a portfolio is shown."""

    portfolio: str
    scale: float | None = None
    """Size of the files to generate, relative to the real ones; None where files ship with the package."""
    restricted: Mapping[str, Any] = field(default_factory=dict)
    """Settings that keep it short."""
    restriction: str = ""
    """What they leave out, as a sentence for whoever watches."""

    @property
    def declared(self) -> Portfolio:
        """The portfolio itself."""
        return get_portfolio(self.portfolio)

    def settings(self, settings: Settings) -> Settings:
        """Settings of its run."""
        return settings.model_copy(update=dict(self.restricted))

    def raw_folder(self, settings: Settings) -> Path:
        """Where its run reads."""
        return raw_folder(self.settings(settings), self.declared)

    def raw_files(self, settings: Settings) -> RawFiles:
        """What lies there; files of a generator that was killed are made again."""
        folder = self.raw_folder(settings)
        if self.scale is None:
            return "usable"
        if not has_files(folder, self.declared):
            return "to be made"
        mark = mark_of(folder)
        if mark is None:
            return "real"
        if not mark.get("finished", True):
            return "to be made"
        return "usable" if (mark["scale"], mark["seed"]) == (self.scale, SEED) else "other generated"


DEMONSTRATIONS = (
    Demonstration(portfolio="german_credit"),
    Demonstration(
        portfolio="home_credit",
        scale=0.01,
        restricted={
            "raw": None,
            "profile": "quick",
            "candidates": ("logistic_regression", "lightgbm"),
            "tuning_trials": 2,
        },
        restriction=(
            "To stay short: files of 1% of the real size, two of the candidates, two tuning trials. "
            "`credit-platform run home_credit` compares all of them."
        ),
    ),
)


@dataclass(frozen=True)
class Shown:
    """A portfolio that was run, and what its service answered to each example."""

    portfolio: Portfolio
    lakehouse: Lakehouse
    answers: Mapping[str, Mapping[str, Any]]

    def read(self, layer: str, name: str) -> StoredTable:
        """The newest version of a table of this portfolio."""
        return self.lakehouse.read(table_key(self.portfolio.name, layer, name))

    @property
    def data(self) -> str:
        """Whether the figures come from real or generated data."""
        return "synthetic data" if self.read("models", "comparison").version.synthetic else "real data"

    @property
    def candidates(self) -> pl.DataFrame:
        """A row per candidate, as `models/comparison` has them."""
        return self.read("models", "comparison").frame.collect()

    @property
    def threshold(self) -> ThresholdRecord:
        """What is known of the threshold."""
        return ThresholdRecord.of(self.read("models", "threshold"))

    @property
    def is_as_expected(self) -> bool:
        """Whether each example got the decision it stands for."""
        return all(self.answers[kind]["decision"] == kind for kind in EXPECTED)


def ask(portfolio: Portfolio, lakehouse: Lakehouse, settings: Settings) -> dict[str, dict[str, Any]]:
    """Start the service on a free port, ask it once per example (with its histories, where it has any), stop it.

    Raises:
        ServiceError: it does not start, or does not answer.
    """
    bento = BentoRecord.of(lakehouse.read(bento_key(portfolio.name))).brought(Shelf.of(settings))
    histories = portfolio.example_histories
    with start_service(bento, settings=settings) as service:
        return {
            kind: service.client.predict(Asked(portfolio.examples[kind], f"{EXAMPLE}{kind}", histories.get(kind)))
            for kind in EXPECTED
        }
