"""Feature tables on the engine whose frames are handed in: Polars lazy frames or PySpark data frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from credit_platform.errors import FeatureError
from credit_platform.features.compiling import compile_group, compile_row_features
from credit_platform.features.engines.frames import Frame, apply_stage, apply_stages
from credit_platform.features.reading import DTYPES, clean_expressions, clean_schema
from credit_platform.features.stages import JoinParent, feature_schema
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable


def build_group(group: FeatureGroup, tables: Mapping[str, IntoLazyFrameT], portfolio: Portfolio) -> IntoLazyFrameT:
    """Compute one feature group.

    Args:
        group: the group.
        tables: raw tables by name, typed as their contracts say: the group's own, its parent's, and for a group over
            applications the scoring table where there is one.
        portfolio: the portfolio the group belongs to.

    Returns:
        A lazy frame of the same engine: the applicant key and the group's features, one row per applicant that the
        table knows, in no particular order.

    Raises:
        FeatureError: a table is missing, or a definition does not fit its contract.
    """
    frame: IntoLazyFrameT = _run_group(group, tables, portfolio).to_native()
    return frame


def build_features(
    portfolio: Portfolio,
    tables: Mapping[str, IntoLazyFrameT],
    aggregates: Mapping[str, IntoLazyFrameT] | None = None,
) -> IntoLazyFrameT:
    """Compute the feature table: training and scoring applicants, one row each.

    Args:
        portfolio: what to compute.
        tables: raw tables by name. Tables of groups found in `aggregates` are not needed.
        aggregates: results of `build_group` by group name; what is not given is computed.

    Returns:
        Applicant key, target (null for applicants of the scoring table), then `portfolio.features` in their order.
        Applicants without rows in a history have null in all its features.

    Raises:
        FeatureError: a table is missing, a definition does not fit, or two features share a name.
    """
    check_names(portfolio)
    given = aggregates or {}
    carried = (portfolio.applicant_key, portfolio.target)
    first = next(
        (g for g in portfolio.feature_groups if _over_applications(g, portfolio) and g.name not in given), None
    )
    base = _applications(portfolio, tables, with_target=True)
    base = base.select(*carried) if first is None else _run_stages(base, first, tables, portfolio, carried)
    for group in portfolio.feature_groups:
        if group is first:
            continue
        part = _wrapped(given[group.name]) if group.name in given else _run_group(group, tables, portfolio)
        base = base.join(part, on=portfolio.applicant_key, how="left")
    cross = compile_row_features(portfolio.cross_features, grouped_schema(portfolio), f"{portfolio.name}/cross")
    for stage in cross:
        base = apply_stage(base, stage)
    columns = (*carried, *(feature.name for feature in portfolio.features))
    frame: IntoLazyFrameT = base.select(*columns).to_native()
    return frame


def build_audit(portfolio: Portfolio, tables: Mapping[str, IntoLazyFrameT]) -> IntoLazyFrameT:
    """Compute the audit table: applicant key, protected columns of the applications, audit features.

    Raises:
        FeatureError: a table is missing, or an audit feature does not fit the contract.
    """
    table = portfolio.table(portfolio.training_table)
    protected = tuple(column.name for column in table.columns if column.protected is not None)
    audit = portfolio.audit_features
    frame = _applications(portfolio, tables, protected=True)
    stages = compile_row_features(audit, clean_schema(table, portfolio, protected=True), f"{portfolio.name}/audit")
    for stage in stages:
        frame = apply_stage(frame, stage)
    names = (portfolio.applicant_key, *protected, *(feature.name for feature in audit))
    native: IntoLazyFrameT = frame.select(*dict.fromkeys(names)).to_native()
    return native


def check_names(portfolio: Portfolio) -> None:
    """Refuse a portfolio in which two features share a name, or one is called like the key or the target.

    Raises:
        FeatureError: the message lists the names.
    """
    names = [portfolio.applicant_key, portfolio.target, *(feature.name for feature in portfolio.features)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FeatureError(
            f"{portfolio.name} uses these feature names twice: {', '.join(twice)}.", "Rename one of each."
        )


def grouped_schema(portfolio: Portfolio) -> dict[str, pl.DataType]:
    """Types of the features of all groups, as `cross_features` see them."""
    return feature_schema([feature for group in portfolio.feature_groups for feature in group.all_features])


def _over_applications(group: FeatureGroup, portfolio: Portfolio) -> bool:
    return group.table == portfolio.training_table and not group.history


def _run_group(group: FeatureGroup, tables: Mapping[str, Any], portfolio: Portfolio) -> Frame:
    if _over_applications(group, portfolio):
        frame = _applications(portfolio, tables)
    else:
        frame = _cleaned(portfolio.table(group.table), tables, portfolio)
    return _run_stages(frame, group, tables, portfolio, (portfolio.applicant_key,))


def _run_stages(
    frame: Frame, group: FeatureGroup, tables: Mapping[str, Any], portfolio: Portfolio, carried: Sequence[str]
) -> Frame:
    def parent(stage: JoinParent) -> Frame:
        return _cleaned(stage.parent, tables, portfolio)

    return apply_stages(frame, compile_group(group, portfolio, carried=tuple(carried[1:])).stages, parent)


def _cleaned(table: SourceTable, tables: Mapping[str, Any], portfolio: Portfolio) -> Frame:
    return _raw(table, tables, portfolio).select(*clean_expressions(table, portfolio))


def _raw(table: SourceTable, tables: Mapping[str, Any], portfolio: Portfolio) -> Frame:
    if table.name not in tables:
        given = ", ".join(sorted(tables)) or "none"
        raise FeatureError(f"The table {portfolio.name}/raw/{table.name} was not given.", f"Given were: {given}.")
    return _wrapped(tables[table.name])


def _wrapped(frame: Any) -> Frame:
    wrapped: Frame = nw.from_native(frame)
    return wrapped


def _applications(
    portfolio: Portfolio, tables: Mapping[str, Any], *, with_target: bool = False, protected: bool = False
) -> Frame:
    """Cleaned applications of the training and, where there is one, the scoring table, one below the other."""
    training = portfolio.table(portfolio.training_table)
    names = [training.name] if portfolio.scoring_table is None else [training.name, portfolio.scoring_table]
    frames = []
    for name in names:
        table = portfolio.table(name)
        columns = list(clean_expressions(table, portfolio, protected=protected))
        if with_target:
            value = nw.col(portfolio.target) if name == training.name else nw.lit(None)
            columns.append(value.cast(DTYPES[training.column(portfolio.target).type]).alias(portfolio.target))
        frames.append(_raw(table, tables, portfolio).select(*columns))
    if len(frames) == 1:
        return frames[0]
    order = frames[0].collect_schema().names()
    return nw.concat([frame.select(*order) for frame in frames], how="vertical")
