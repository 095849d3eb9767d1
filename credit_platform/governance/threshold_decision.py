"""The threshold as a decision that somebody took and an auditor can follow: `threshold_decision.md` and `.html`.

What is here: the text, made of `ThresholdFacts` only.
What must not be here: gathering the figures (`threshold_facts.py`), how the threshold is chosen
(`modelling.threshold`), rendering (`document.py`).
"""

from __future__ import annotations

import polars as pl

from credit_platform.governance.document import Block, Bullets, Document, Grid, Paragraph, Picture, Section
from credit_platform.governance.threshold_facts import ThresholdFacts
from credit_platform.modelling.economics import (
    Profit,
)
from credit_platform.modelling.threshold import ThresholdChoice
from credit_platform.portfolios.portfolio import Portfolio


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
