"""A check of each aggregate: no feature looks beyond the day of the application."""

from credit_platform.features.point_in_time import look
from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.keys import raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.judging import Submission, WriteCheck

NAME = "point_in_time"


def point_in_time_check(portfolio: Portfolio, group: FeatureGroup) -> WriteCheck:
    """Rows dated after the application, added to the history of `group`, change none of its features."""
    parent = group.reduction.parent if group.reduction else None
    sources = {name: raw_key(portfolio.name, name) for name in (group.table, parent) if name}

    def judge(_: Submission, lakehouse: Lakehouse) -> Verdict:
        seen = look(group, portfolio, {name: lakehouse.scan(key) for name, key in sources.items()})
        return Verdict(
            check=NAME,
            passed=seen.passed,
            message=seen.sentence(group.table),
            numbers={"left_out": seen.left_out, "added": seen.added},
            listed=[{"changed": name} for name in seen.changed],
        )

    return WriteCheck(
        name=NAME,
        description=f"Rows dated after the application, added to `{group.table}`, change no feature; how many there "
        "are in the table and are left out.",
        judge=judge,
    )
