"""The threshold as a decision that somebody took and an auditor can follow: `threshold_decision.md` and `.html`.

What is here: `threshold_facts`, which gathers the figures, and the text, made of them only.
What must not be here: how the threshold is chosen (`modelling.threshold`) and what it earns (`modelling.economics`),
rendering (`document.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from credit_platform.governance.document import Block, Bullets, Document, Grid, Paragraph, Picture, Section
from credit_platform.lakehouse.versions import TableVersion
from credit_platform.modelling import charts, selection_charts
from credit_platform.modelling.economics import (
    Profit,
    cost_band,
    profit,
    review_band,
    review_table,
    sensitivity,
    with_profit,
)
from credit_platform.modelling.metrics import classification_metrics
from credit_platform.modelling.records import ThresholdRecord
from credit_platform.modelling.threshold import ThresholdChoice, choose_threshold
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import DecisionRule

_REVIEW_SHARES = (0.25, 0.5, 0.75)
"""Prices of a review in the document, as shares of the most that a wrong automatic decision costs on average."""


@dataclass(frozen=True, kw_only=True)
class ThresholdFacts:
    """What is known of the decision; all figures are of out-of-fold, cross-fitted probabilities."""

    choice: ThresholdChoice
    money: Profit
    """Of the cross-fitted decisions."""
    everybody: Profit
    """Of granting every loan."""
    best_profit: float
    """Threshold at which the profit curve is highest."""
    sensitivity: pl.DataFrame
    review: pl.DataFrame
    rule: DecisionRule
    metrics: dict[str, float]
    """Of the probabilities at the threshold, see `metrics.classification_metrics`."""
    candidate: str
    data_hash: str
    code_version: str
    synthetic: bool

    @property
    def record(self) -> ThresholdRecord:
        """What the table of the threshold says beside its curve."""
        return ThresholdRecord.made(
            self.choice, self.rule, self.money, sensitivity=self.sensitivity, metrics=self.metrics
        )


def threshold_facts(
    portfolio: Portfolio, calibrated: pl.DataFrame, *, candidate: str, data: TableVersion, code_version: str, seed: int
) -> ThresholdFacts:
    """Choose the threshold for cross-fitted probabilities, and find what it costs, earns, and depends on.

    Args:
        portfolio: gives costs and economics.
        calibrated: `target`, `probability` and `fold` of the applicants outside the holdout.
        candidate: whose probabilities they are.
        data: the table that they were made from.
        code_version: of modelling.
        seed: of the bootstraps.

    Raises:
        ModellingError: see `modelling.threshold.choose_threshold`.
    """
    y, p, fold = (calibrated[name].to_numpy() for name in ("target", "probability", "fold"))
    costs, economics = portfolio.costs, portfolio.economics
    choice = choose_threshold(y, p, costs, fold, seed=seed)
    profits = with_profit(choice.curve, economics)
    price, most = economics.review_cost, costs.false_negative * costs.break_even
    return ThresholdFacts(
        choice=choice,
        money=profit(y, choice.refused, economics, seed=seed),
        everybody=profit(y, np.zeros(len(y), dtype=bool), economics, seed=seed),
        best_profit=float(profits["threshold"][int(np.argmax(profits["profit_per_applicant"].to_numpy()))]),
        sensitivity=sensitivity(y, p, fold, choice.threshold, seed=seed),
        review=review_table(y, p, costs, choice.threshold, [share * most for share in _REVIEW_SHARES]),
        rule=DecisionRule(
            threshold=choice.threshold,
            review=None if price is None else review_band(costs, price, choice.threshold),
        ),
        metrics=classification_metrics(y, p, choice.threshold, costs),
        candidate=candidate,
        data_hash=data.content_hash,
        code_version=code_version,
        synthetic=data.synthetic,
    )


def threshold_pictures(
    portfolio: Portfolio, calibrated: pl.DataFrame, facts: ThresholdFacts, *, seed: int
) -> dict[str, bytes]:
    """`cost_curve` and `profit_curve` as PNG; arguments as of `threshold_facts`."""
    y, p = (calibrated[name].to_numpy() for name in ("target", "probability"))
    curve = with_profit(facts.choice.curve, portfolio.economics)
    return {
        "cost_curve": charts.cost_curve(facts.choice, cost_band(y, p, portfolio.costs, seed=seed)),
        "profit_curve": selection_charts.profit_curve(curve, facts.rule.threshold),
    }


def threshold_decision(portfolio: Portfolio, facts: ThresholdFacts) -> Document:
    """The document; its pictures `cost_curve.png` and `profit_curve.png` lie beside it."""
    return Document(
        name="threshold_decision",
        title=f"{portfolio.title}: from which risk an application is refused",
        sections=(
            Section("Decision", _decision(portfolio, facts)),
            Section("How it was chosen", _method(facts)),
            Section("What it costs", _costs(facts)),
            Section("What it earns", _money(portfolio, facts)),
            Section("If a default cost more or less", _sensitivity(facts)),
            Section("Decisions by a person", _review(portfolio, facts)),
            Section("Limits", _limits(facts)),
        ),
    )


def _decision(portfolio: Portfolio, facts: ThresholdFacts) -> tuple[Block, ...]:
    choice = facts.choice
    band = (
        ""
        if facts.rule.review is None
        else f" From {facts.rule.review[0]:.3f} to below {facts.rule.review[1]:.3f} a person decides instead."
    )
    source = "generated data: it says nothing about real loans" if facts.synthetic else "real outcomes"
    return (
        _text(
            f"An application is refused when its probability of default is {choice.threshold:.4f} or more, and granted "
            f"below.{band} On past applicants this grants {choice.acceptance_rate:.1%} of the "
            f"applications{', reviews aside' if facts.rule.review is not None else ''}."
        ),
        Bullets(
            (
                _text(f"Portfolio: {portfolio.name}; model: {facts.candidate}; made from {source}."),
                _text(f"Data: content hash {facts.data_hash}. Code: {facts.code_version}."),
                _text(
                    f"A granted loan that defaults costs {portfolio.costs.false_negative:g}, a good applicant refused "
                    f"{portfolio.costs.false_positive:g}. Source: {portfolio.costs.source}."
                ),
            )
        ),
    )


def _method(facts: ThresholdFacts) -> tuple[Block, ...]:
    choice = facts.choice
    shown = choice.methods.select("method", "threshold", "cost_cross_fitted", "cost_low", "cost_high", "chosen")
    return (
        _text(
            f"With true probabilities the cheapest threshold is {choice.theoretical:.4f}, what refusing a good "
            "applicant "
            "costs divided by both costs together (break-even). Two ways that read the threshold off the cost curve "
            "were "
            "tried as well. Another way replaces break-even only if its cost, judged on applicants it was not chosen "
            "on, "
            f"is lower beyond chance. Chosen: {choice.method.value}."
        ),
        _grid(shown),
        _text(_folds(choice)),
    )


def _folds(choice: ThresholdChoice) -> str:
    """What the thresholds of the folds tell; nothing, where none of them could differ."""
    values = list(choice.fold_thresholds.values())
    if all(value == choice.theoretical for value in values):
        return (
            "Each fold of applicants was also decided by a threshold that only the other folds chose; each time it "
            f"was break-even, {choice.theoretical:.4f}. That comes from the costs alone: that it is the same every "
            "time says nothing of how sure the threshold is."
        )
    listed = ", ".join(f"{value:.4f}" for value in values)
    start = f"Each fold of applicants was also decided by a threshold that only the other folds chose: {listed}."
    if choice.theoretical in values:
        return f"{start} Some kept break-even: whether the optimum of the curve is better depends on the applicants."
    if len({f"{value:.4f}" for value in values}) == 1:
        return f"{start} They do not differ at this precision."
    return f"{start} They lie {max(values) - min(values):.4f} apart: the choice depends on the applicants that much."


def _from_costs_alone(choice: ThresholdChoice) -> bool:
    """Whether every applicant was decided by break-even, which no data chose."""
    return {choice.threshold, *choice.fold_thresholds.values()} == {choice.theoretical}


def _cost(choice: ThresholdChoice) -> str:
    if _from_costs_alone(choice):
        return f"Cost per applicant at this threshold: {choice.cost_interval} (95 % bootstrap interval)."
    return (
        "Cost per applicant, each decided by a threshold that others chose (cross-fitted): "
        f"{choice.cost_interval} (95 % bootstrap interval). At the threshold above they cost "
        f"{choice.cost_per_applicant:.3f}, on the very applicants it was chosen on."
    )


def _costs(facts: ThresholdFacts) -> tuple[Block, ...]:
    choice = facts.choice
    return (
        _text(
            f"{_cost(choice)} Granting every loan costs {choice.accept_all_cost:.3f}, refusing every one "
            f"{choice.refuse_all_cost:.3f}."
        ),
        Picture("cost_curve.png", "Cost per applicant over thresholds with a 95 % band"),
        _grid(choice.grid.select("threshold", "cost_per_applicant", "acceptance_rate", "tn", "fp", "fn", "tp")),
    )


def _money(portfolio: Portfolio, facts: ThresholdFacts) -> tuple[Block, ...]:
    money, everybody, economics = facts.money, facts.everybody, portfolio.economics
    amount = economics.mean_amount
    return (
        _text(
            f"A loan that is repaid earns {economics.margin:.1%} of the amount lent, one that defaults loses "
            f"{economics.loss_given_default:.1%}; an average loan is {amount:,.0f} {economics.currency}. Source: "
            f"{economics.source}. These figures imply that a default costs {economics.cost_ratio():.1f} times a "
            "refused "
            "good applicant; the cost matrix says "
            f"{portfolio.costs.false_negative / portfolio.costs.false_positive:.1f}."
        ),
        Grid(
            ("", "profit per applicant", "in money", "return on the amount lent", "granted", "defaults among granted"),
            (
                _profit_row("This decision", facts.money, amount),
                _profit_row("Granting every loan", everybody, amount),
                ("Refusing every loan", "0.0 %", "0", "0.0 %", "0.0 %", "0.0 %"),
            ),
        ),
        _text(
            f"{_whose_decisions(facts.choice)}"
            f"Profit per applicant: {money.per_applicant} of an average loan (95 % interval). The profit curve is "
            "highest "
            f"at {facts.best_profit:.3f}."
        ),
        Picture("profit_curve.png", "Expected profit per applicant and return on the amount lent over thresholds"),
    )


def _whose_decisions(choice: ThresholdChoice) -> str:
    if _from_costs_alone(choice):
        return ""
    return (
        "These are the cross-fitted decisions again, each by a threshold that others chose, so that the share granted "
        f"can differ a little from the {choice.acceptance_rate:.1%} above. "
    )


def _profit_row(name: str, money: Profit, amount: float) -> tuple[str, ...]:
    each = money.per_applicant.estimate
    return (
        name,
        f"{each:.2%}",
        f"{each * amount:,.0f}",
        f"{money.on_lent:.2%}",
        f"{money.acceptance_rate:.1%}",
        f"{money.default_rate:.1%}",
    )


def _sensitivity(facts: ThresholdFacts) -> tuple[Block, ...]:
    return (
        _text(
            "The threshold chosen anew for other cost ratios (cost of a granted default in refused good applicants), "
            "and "
            "what keeping the present threshold would cost. The cost of choosing anew is cross-fitted, that of keeping "
            "is not, so that at the present ratio keeping may look a little cheaper."
        ),
        _grid(facts.sensitivity),
    )


def _review(portfolio: Portfolio, facts: ThresholdFacts) -> tuple[Block, ...]:
    if facts.rule.review is None:
        opening = "No price of a review is set for this portfolio, so nobody is sent to one by the score."
    else:
        opening = (
            f"At a price of {portfolio.economics.review_cost:g} per review, applicants with a probability from "
            f"{facts.rule.review[0]:.3f} to below {facts.rule.review[1]:.3f} are decided by a person."
        )
    return (
        _text(
            f"{opening} The table shows what a band would do at several prices, if people always decided rightly: it "
            "is "
            "an upper bound of what reviews can save."
        ),
        _grid(facts.review),
    )


def _limits(facts: ThresholdFacts) -> tuple[Block, ...]:
    return (
        Bullets(
            (
                _text(
                    "The figures hold for applicants like those observed. "
                    + (
                        "These were generated: nobody was refused before, as a real lender's applicants are."
                        if facts.synthetic
                        else "Applicants whom an earlier policy refused have no outcome and are not among them (reject "
                        "inference was not done)."
                    )
                ),
                _text(
                    "Every loan counts as one of average amount; what a customer turned away would have brought later "
                    "is "
                    "not counted."
                ),
                _text("Intervals take the fitted model as given; training again would add to them."),
                _text(
                    "Costs and margins are assumptions with the sources named. The threshold moves with them: see the "
                    "table "
                    f"of cost ratios ({', '.join(f'{ratio:g}' for ratio in facts.sensitivity['cost_ratio'])})."
                ),
            )
        ),
    )


def _text(words: str) -> Paragraph:
    return Paragraph((words,))


def _grid(table: pl.DataFrame) -> Grid:
    rows = tuple(tuple(_cell(value) for value in row) for row in table.iter_rows())
    return Grid(tuple(name.replace("_", " ") for name in table.columns), rows)


def _cell(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
