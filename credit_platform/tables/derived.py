"""Tables that the engine of a run computes of stored tables: aggregates, the feature table, the protected attributes.

What is here: `aggregate_table`, `applicants_table`, `protected_table`; and the catalogue with its pages.
What to add here: another table that is a function of stored ones, or of a portfolio's declarations.
What must not be here: what a feature is (`features`), which engine computes (`lakehouse/engines/`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from credit_platform import features
from credit_platform.code_versions import code_version
from credit_platform.lakehouse import CommitInfo, StoredTable
from credit_platform.lakehouse.engines import Engine
from credit_platform.lakehouse.reports import Content, reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

Inputs = Mapping[str, StoredTable]
_CATALOGUE = "feature_catalogue.html"
AGGREGATE_INPUT = "aggregate_{}"
"""Input that holds the aggregate of a history, by its name: a raw table may be called the same."""


def feature_code(portfolio: Portfolio) -> str:
    """Code version of whatever the features of `portfolio` are made by."""
    return code_version("credit_platform.features", f"credit_platform.portfolios.{portfolio.name}")


def aggregate_table(portfolio: Portfolio, group: FeatureGroup, raw: Inputs, engine: Engine, staging: Path) -> Table:
    """The features of one history, one row per applicant with any row in it.

    Args:
        portfolio: whose history.
        group: the features.
        raw: raw tables that they are made of, by name.
        engine: computes them.
        staging: a folder of `Lakehouse.staging`; the table is valid while it is.

    Raises:
        CreditPlatformError: a feature cannot be computed.
    """
    info = _info(portfolio, raw, number_of_features=len(group.all_features))
    return _computed(
        portfolio, raw, lambda frames: features.build_group(group, frames, portfolio), engine, staging, info=info
    )


def applicants_table(portfolio: Portfolio, inputs: Inputs, engine: Engine, staging: Path) -> Table:
    """All features, one row per applicant, of the application tables and the aggregates (`AGGREGATE_INPUT`).

    Raises:
        CreditPlatformError: a feature cannot be computed.
    """
    histories = [group.name for group in portfolio.feature_groups if group.history]
    applications = portfolio.application_tables

    def build(frames: Mapping[str, Any]) -> Any:
        aggregates = {name: frames[AGGREGATE_INPUT.format(name)] for name in histories}
        return features.build_features(portfolio, {name: frames[name] for name in applications}, aggregates)

    version = features.feature_version(portfolio)
    info = _info(portfolio, inputs, code=version, number_of_features=len(portfolio.features))
    return _computed(portfolio, inputs, build, engine, staging, info=info, summary={"feature_version": version})


def protected_table(portfolio: Portfolio, raw: Inputs, engine: Engine, staging: Path) -> Table:
    """The protected attributes, one row per applicant, which no model sees."""
    info = _info(portfolio, raw)
    return _computed(portfolio, raw, lambda frames: features.build_audit(portfolio, frames), engine, staging, info=info)


def catalogue_table(portfolio: Portfolio, settings: Settings, applicants: StoredTable) -> tuple[Table, str]:
    """A row per feature, written as a page, Markdown and CSV as well; the key of the page is the second of the pair."""
    rows = applicants.frame.collect()
    frame = features.catalogue(portfolio, rows)
    synthetic = applicants.version.synthetic
    contents: dict[str, Content] = {
        "feature_catalogue.csv": frame,
        "feature_catalogue.md": features.catalogue_markdown(frame, f"Features of {portfolio.title}"),
        _CATALOGUE: features.catalogue_page(portfolio, frame, rows, synthetic=synthetic),
    }
    place = write_reports(Shelf.of(settings), reports_key(portfolio.name), contents)
    table = Table(frame=frame, info=CommitInfo(portfolio=portfolio.name, synthetic=synthetic))
    return table, f"{place}/{_CATALOGUE}"


def _computed(
    portfolio: Portfolio,
    inputs: Inputs,
    build: Callable[[Mapping[str, Any]], Any],
    engine: Engine,
    staging: Path,
    *,
    info: CommitInfo,
    summary: Mapping[str, Any] | None = None,
) -> Table:
    """Run `build` on frames of `engine`; equal inputs give equal rows in equal order, from Spark as a file."""
    frame = build({name: engine.read(stored) for name, stored in inputs.items()})
    prepared = engine.prepare(frame, staging / "result", sort_by=[portfolio.applicant_key])
    return Table(frame=prepared.frame, staged=prepared.staged, info=info, summary=summary or {})


def _info(portfolio: Portfolio, inputs: Inputs, *, code: str = "", number_of_features: int | None = None) -> CommitInfo:
    return CommitInfo(
        portfolio=portfolio.name,
        code_version=code or feature_code(portfolio),
        number_of_features=number_of_features,
        synthetic=any(stored.version.synthetic for stored in inputs.values()),
    )
