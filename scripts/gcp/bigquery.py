"""Print SQL by which BigQuery reads decisions and features where they lie: `python -m scripts.gcp.bigquery --help`.

What is here: external tables over the Delta tables of a lakehouse in Cloud Storage, and views of decisions by day.
What to add here: another table, in `_TABLES`; another view that names no applicant.
What must not be here: copying. A copy would outlive an erasure and a retention period; an external table is the table.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from credit_platform.errors import CreditPlatformError
from credit_platform.monitoring.decisions.schema import decisions_key, decisions_schema, feature_types
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import applicants_key

TYPES: Final[Mapping[pl.DataType, str]] = {
    pl.String(): "STRING",
    pl.Int64(): "INT64",
    pl.Float64(): "FLOAT64",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMP",
}
"""Types of the table of decisions, and what BigQuery makes of them."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_TABLES: Final = {"decisions": decisions_key, "features": applicants_key}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where BigQuery is to look, and where it is to put what it knows."""

    lakehouse: str
    """As `gs://bucket/lakehouse`."""
    project: str
    dataset: str
    connection: str
    """Of BigQuery to Cloud Storage, as `eu.lakehouse`."""


def statements(place: Place, portfolio: str) -> str:
    """The SQL of a portfolio.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
    """
    get_portfolio(portfolio)
    dataset = f"{place.project}.{place.dataset}"
    region = place.connection.partition(".")[0]
    made = [f"CREATE SCHEMA IF NOT EXISTS `{dataset}` OPTIONS (location = '{region}');"]
    for name, key in _TABLES.items():
        made.append(
            f"CREATE OR REPLACE EXTERNAL TABLE `{dataset}.{portfolio}_{name}`\n"
            f"WITH CONNECTION `{place.project}.{place.connection}`\n"
            f"OPTIONS (format = 'DELTA_LAKE', uris = ['{place.lakehouse.rstrip('/')}/{key(portfolio)}']);"
        )
    made.append(
        f"CREATE OR REPLACE VIEW `{dataset}.{portfolio}_decisions_by_day` AS\n"
        "SELECT day, model_version, COUNT(*) AS decisions, COUNTIF(decision = 'accepted') AS accepted,\n"
        "  COUNTIF(decision = 'refused') AS refused, COUNTIF(decision = 'review') AS review,\n"
        "  AVG(probability) AS mean_probability, MIN(threshold) AS threshold\n"
        f"FROM `{dataset}.{portfolio}_decisions`\n"
        "GROUP BY day, model_version;"
    )
    return "\n\n".join(made) + "\n"


def decisions_columns(portfolio: str) -> dict[str, str]:
    """Columns of the table of decisions by name, with their types in BigQuery.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
    """
    declared = get_portfolio(portfolio)
    schema = decisions_schema(declared, feature_types(declared))
    return {name: TYPES[dtype] for name, dtype in schema.items()}


def main(arguments: Sequence[str]) -> int:
    """Print it; exit status for the shell."""
    parser = argparse.ArgumentParser(prog="python -m scripts.gcp.bigquery", description=__doc__.splitlines()[0])
    parser.add_argument("portfolio")
    parser.add_argument("--lakehouse", required=True, help="as gs://bucket/lakehouse")
    parser.add_argument("--project", required=True)
    parser.add_argument("--dataset", default="credit_platform")
    parser.add_argument("--connection", default="eu.lakehouse", help="of BigQuery to Cloud Storage, as REGION.NAME")
    parser.add_argument("--columns", action="store_true", help="print the columns of decisions instead")
    options = parser.parse_args(arguments)
    names = (options.project, options.dataset, *options.connection.split("."))
    if not options.lakehouse.startswith("gs://") or "'" in options.lakehouse or not all(map(_NAME.fullmatch, names)):
        parser.error("--lakehouse is gs://bucket/folder, and names are of letters, digits, _ and -")
    place = Place(
        lakehouse=options.lakehouse, project=options.project, dataset=options.dataset, connection=options.connection
    )
    try:
        columns = decisions_columns(options.portfolio) if options.columns else {}
        text = "".join(f"{name}\t{kind}\n" for name, kind in columns.items()) or statements(place, options.portfolio)
    except CreditPlatformError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
