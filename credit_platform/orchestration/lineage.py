"""Which columns a feature is made of, as metadata of each materialisation.

The open-source UI draws no lineage of columns (Dagster+ and catalogues that read Dagster do): it is there by GraphQL.

What is here: `feature_lineage`.
What to add here: the lineage of another table whose columns declare what they read.
What must not be here: finding out what an expression reads (`features/inputs.py`).
"""

from __future__ import annotations

import dagster as dg

from credit_platform.features.inputs import cross_inputs, feature_inputs
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios.portfolio import Portfolio


def feature_lineage(portfolio: Portfolio) -> dg.TableColumnLineage:
    """Each feature: columns of the application that it reads, and, of a history, its column of the aggregate."""
    application = asset_key(portfolio.name, "raw", portfolio.training_table)
    of_history = {
        feature.name: asset_key(portfolio.name, "aggregates", group.name)
        for group in portfolio.feature_groups
        if group.history
        for feature in group.all_features
    }
    read = feature_inputs(portfolio)
    deps: dict[str, list[dg.TableColumnDep]] = {}
    for feature in portfolio.features:
        own = [dg.TableColumnDep(asset_key=application, column_name=name) for name in sorted(read[feature.name])]
        aggregate = of_history.get(feature.name)
        if aggregate is not None:
            own.append(dg.TableColumnDep(asset_key=aggregate, column_name=feature.name))
        deps[feature.name] = own
    for name, features in cross_inputs(portfolio).items():
        found = {dep for feature in features for dep in deps.get(feature, ())}
        deps[name] = sorted(found, key=lambda dep: (dep.asset_key.path, dep.column_name))
    return dg.TableColumnLineage(deps_by_column=deps)
