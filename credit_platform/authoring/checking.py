"""Every fault of a portfolio's declarations at once, without a run.

What is here: `check_portfolio` and its questions.
What to add here: a question about declarations that a run would answer late, with its line in `_QUESTIONS`.
What must not be here: questions about files, tables or models: those are checks of the assets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from credit_platform.errors import CreditPlatformError
from credit_platform.features.build import check_names
from credit_platform.features.checks import reasons as reason_findings
from credit_platform.features.compiling import compile_group
from credit_platform.features.inputs import audit_inputs, feature_inputs
from credit_platform.modelling.candidates import candidate_names
from credit_platform.portfolios import get_claims, get_portfolio
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, ColumnType


@dataclass(frozen=True)
class Fault:
    """Something that is wrong, or, where it is `advice`, that a person should still decide."""

    where: str
    what: str
    advice: bool = False


def check_portfolio(name: str) -> list[Fault]:
    """Ask every question of the portfolio called `name`; none found is an empty list.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        PortfolioError: its modules cannot be loaded, so nothing else can be asked.
    """
    portfolio = get_portfolio(name)
    faults = list(_shape(portfolio, name))
    if faults:  # the other questions would only trip over these
        return faults
    return [fault for question in _QUESTIONS for fault in question(portfolio)]


def _shape(portfolio: Portfolio, name: str) -> Iterator[Fault]:
    """Names that others stand on."""
    if portfolio.name != name:
        yield Fault("name", f"is {portfolio.name!r}, and the folder is called {name!r}.")
    tables = {table.name: table for table in portfolio.tables}
    for field, table in (("training_table", portfolio.training_table), ("scoring_table", portfolio.scoring_table)):
        if table is not None and table not in tables:
            yield Fault(field, f"is {table!r}, and the tables are {', '.join(tables)}.")
    training = tables.get(portfolio.training_table)
    if training is not None:
        for field, column in (("applicant_key", portfolio.applicant_key), ("target", portfolio.target)):
            if column not in training.column_names:
                yield Fault(field, f"is {column!r}, which {training.name} does not have.")
    for group in portfolio.feature_groups:
        if group.table not in tables:
            yield Fault(f"feature_groups, {group.name}", f"reads the table {group.table!r}, which there is not.")


def _tables(portfolio: Portfolio) -> Iterator[Fault]:
    tables = {table.name: table for table in portfolio.tables}
    yield from _twice("tables", [table.name for table in portfolio.tables])
    for table in portfolio.tables:
        yield from _twice(f"table {table.name}", table.column_names)
        for column in table.columns:
            yield from _column(f"table {table.name}, column {column.name}", column)
        missing = [name for name in table.primary_key if name not in table.column_names]
        if missing:
            yield Fault(f"table {table.name}", f"has no column {', '.join(missing)} of its primary key.")
        for key in table.foreign_keys:
            parent = tables.get(key.parent)
            if key.column not in table.column_names or parent is None or key.parent_column not in parent.column_names:
                yield Fault(
                    f"table {table.name}",
                    f"points at {key.parent}.{key.parent_column} by {key.column}: one is not there.",
                )
    target = tables[portfolio.training_table].column(portfolio.target)
    if target.allowed is None or set(target.allowed) != {0, 1} or target.nullable:
        yield Fault(f"target {target.name}", "must be allowed=(0, 1), and never null: 1 is a default.")


def _column(where: str, column: Column) -> Iterator[Fault]:
    if column.minimum is not None and column.maximum is not None and column.minimum > column.maximum:
        yield Fault(where, f"has the minimum {column.minimum:g} above its maximum {column.maximum:g}.")
    if column.type is ColumnType.STRING and (column.minimum is not None or column.maximum is not None):
        yield Fault(where, "is a text and has a range.")
    if column.protected and column.advice:
        yield Fault(where, f"is protected ({column.protected}), and no advice may be given on it.")
    if not column.description.strip():
        yield Fault(where, "has no description.")


def _features(portfolio: Portfolio) -> Iterator[Fault]:
    yield from _twice("features", [feature.name for feature in portfolio.features])
    if not portfolio.features:
        yield Fault("feature_groups", "have no feature.")
    for group in portfolio.feature_groups:
        yield from _group(group, portfolio)
    try:
        check_names(portfolio)
        feature_inputs(portfolio)
    except CreditPlatformError as error:
        yield Fault("features", error.what)
    columns = portfolio.table(portfolio.training_table).column_names
    for name, inputs in audit_inputs(portfolio).items():
        for column in sorted(inputs - set(columns)):
            yield Fault(f"audit feature {name}", f"reads {column!r}, which {portfolio.training_table} does not have.")


def _group(group: FeatureGroup, portfolio: Portfolio) -> Iterator[Fault]:
    """Each feature for itself: together, the first that does not fit hides the others."""
    hidden = {column.name: column.protected for column in portfolio.table(group.table).columns if column.protected}
    for feature in group.features:
        try:
            compile_group(replace(group, features=(feature,), derived=()), portfolio)
        except CreditPlatformError as error:
            asked = next((name for name in hidden if f'"{name}"' in error.what.partition(";")[0]), None)
            why = "" if asked is None else f" {asked} is protected ({hidden[asked]}): no feature may read it."
            yield Fault(f"feature {feature.name}", f"{error.what}.{why}")


def _reasons(portfolio: Portfolio) -> Iterator[Fault]:
    yield from _twice("reasons", [reason.code for reason in portfolio.reasons])
    for finding in reason_findings(portfolio):
        yield Fault("reasons", finding.message)
    known = {feature.name for feature in portfolio.features}
    for reason in portfolio.reasons:
        for wording in reason.all_wordings:
            if not wording.fr.strip() or not wording.en.strip():
                yield Fault(f"reason {reason.code}", "has a sentence that is empty in one language.")
            for condition in wording.when:
                if condition.feature not in known:
                    yield Fault(
                        f"reason {reason.code}", f"asks of the feature {condition.feature!r}, which there is not."
                    )
    used = {feature.reason for feature in portfolio.features}
    for reason in portfolio.reasons:
        if reason.code not in used:
            yield Fault(f"reason {reason.code}", "explains no feature.", advice=True)


def _claims(portfolio: Portfolio) -> Iterator[Fault]:
    claims = get_claims(portfolio.name)
    if claims is None:
        yield Fault(
            "claims", "are not there, and the gate promotes no model whose sentences claim what nobody declared."
        )
        return
    for reason in portfolio.reasons:
        for wording in reason.all_wordings:
            for text in (wording.fr, wording.en):
                if claims.claim_of(text) is None:
                    yield Fault(f"claims, reason {reason.code}", f"have nothing of {text!r}")


def _decisions(portfolio: Portfolio) -> Iterator[Fault]:
    costs = portfolio.costs
    if costs.false_negative <= 0 or costs.false_positive <= 0:
        yield Fault("costs", "must both be above 0: the threshold follows from them.")
    for name in portfolio.candidates:
        if name not in candidate_names():
            yield Fault("candidates", f"has {name!r}; there are {', '.join(candidate_names())}.")
    columns = {column.name: column for column in portfolio.application_columns}
    for name in portfolio.express_columns:
        if name not in columns:
            yield Fault("express_columns", f"has {name!r}, which an application does not have.")
    yield from _examples(portfolio, columns)
    if portfolio.bundled_raw is not None:
        for table in portfolio.tables:
            if not (portfolio.bundled_raw / table.file_name).is_file():
                yield Fault("bundled_raw", f"has no file {table.file_name}.")


def _examples(portfolio: Portfolio, columns: dict[str, Column]) -> Iterator[Fault]:
    if not portfolio.examples:
        yield Fault("examples", "are none: the service is tried with them before it is switched to.")
    needed = {name for name, column in columns.items() if not column.nullable and not column.protected}
    if portfolio.express_columns:
        needed = set(portfolio.express_columns)
    try:
        needed &= frozenset().union(*feature_inputs(portfolio).values())
    except CreditPlatformError:
        return  # told of features already
    for label, row in portfolio.examples.items():
        for name in sorted(row.keys() - columns.keys()):
            yield Fault(f"example {label}", f"has {name!r}, which an application does not have.")
        for name in sorted(needed - row.keys()):
            yield Fault(f"example {label}", f"lacks {name}.")
        for name, value in row.items():
            allowed = columns[name].allowed if name in columns else None
            if allowed is not None and value is not None and value not in allowed:
                yield Fault(f"example {label}", f"has {value!r} for {name}, which is not allowed.")


def _words(portfolio: Portfolio) -> Iterator[Fault]:
    """What a person still has to decide."""
    for field, text in (("source", portfolio.source), ("costs", portfolio.costs.source)):
        if "FILL IN" in text:
            yield Fault(field, f"says {text!r}", advice=True)
    if portfolio.contact.example:
        yield Fault("contact", "is made up: name whom a refused applicant can ask.", advice=True)


def _twice(where: str, names: Iterable[str]) -> Iterator[Fault]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Fault(where, f"has {name!r} {count} times.")


_QUESTIONS: tuple[Callable[[Portfolio], Iterator[Fault]], ...] = (
    *(_tables, _features, _reasons),
    *(_claims, _decisions, _words),
)
