"""The threshold as a decision that somebody took and an auditor can follow: `threshold_decision.md` and `.html`.

What is here: the text, made of `ThresholdFacts` only.
What must not be here: gathering the figures (`threshold_facts.py`), how the threshold is chosen
(`modelling.threshold`), rendering (`document.py`).
"""

from __future__ import annotations

from typing import Final

import polars as pl

from credit_platform import presented
from credit_platform.governance.document import Block, Bullets, Document, Grid, Paragraph, Picture, Section
from credit_platform.governance.heads import owner, software
from credit_platform.governance.threshold_facts import ThresholdFacts
from credit_platform.modelling.economics import (
    Profit,
)
from credit_platform.modelling.threshold import ThresholdChoice
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.presented import percent

_HEADINGS: Final = {
    **{name: presented.measure(name) for name in ("tn", "fp", "fn", "tp")},
    "cost_cross_fitted": "Cost per applicant, cross-fitted",
    "cost_low": "from (95%)",
    "cost_high": "to (95%)",
    "cost_ratio": "Cost of a granted default, in refused good applicants",
    "accept_all_cost": "Cost of granting every loan",
    "refuse_all_cost": "Cost of refusing every loan",
    "cost_if_kept": "Cost per applicant if the threshold is kept",
    "from": "Review from",
    "to": "to",
}
_SHARES: Final = frozenset({"threshold", "acceptance_rate", "from", "to", "reviewed"})
"""Columns that are shares; costs are in refused good applicants."""


def threshold_decision(portfolio: Portfolio, facts: ThresholdFacts) -> Document:
    """The document; its pictures `cost_curve.png` and `profit_curve.png` lie beside it."""
    return Document(
        name="threshold_decision",
        title=f"{portfolio.title}: from which risk an application is refused",
        about=(
            ("Model", _text(presented.candidate(facts.candidate))),
            ("Made", _text(presented.moment(facts.data_at))),
            ("Data", _text(f"content hash {presented.digest(facts.data_hash)}")),
            ("Code", _text(facts.code_version)),
            ("Written with", _text(software())),
            ("Owner", owner(portfolio)),
            (
                "Approval",
                _text("That of the model, whose documents say what it takes."),
            ),
        ),
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
        else " From {} to below {} a person decides instead.".format(*(percent(end, 2) for end in facts.rule.review))
    )
    source = "generated data: it says nothing about real loans" if facts.synthetic else "real outcomes"
    return (
        _text(
            f"An application is refused when its probability of default is {percent(choice.threshold, 2)} or more, and "
            f"granted below.{band} On past applicants this grants {percent(choice.acceptance_rate)} of the "
            f"applications{', reviews aside' if facts.rule.review is not None else ''}."
        ),
        Bullets(
            (
                _text(f"Made from {source}."),
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
            f"With true probabilities the cheapest threshold is {percent(choice.theoretical)}, what refusing a good "
            "applicant "
            "costs divided by both costs together (break-even). Two ways that read the threshold off the cost curve "
            "were "
            "tried as well. Another way replaces break-even only if its cost, judged on applicants it was not chosen "
            "on, "
            f"is lower beyond chance. Chosen: {presented.method(choice.method.value)}."
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
            f"was break-even, {percent(choice.theoretical)}. That comes from the costs alone: that it is the same "
            "every time says nothing of how sure the threshold is."
        )
    listed = ", ".join(percent(value, 2) for value in values)
    start = f"Each fold of applicants was also decided by a threshold that only the other folds chose: {listed}."
    if choice.theoretical in values:
        return f"{start} Some kept break-even: whether the optimum of the curve is better depends on the applicants."
    if len({percent(value, 2) for value in values}) == 1:
        return f"{start} They do not differ at this precision."
    return f"{start} They lie {percent(max(values) - min(values), 2)} apart: so much the choice depends on who applied."


def _from_costs_alone(choice: ThresholdChoice) -> bool:
    """Whether every applicant was decided by break-even, which no data chose."""
    return {choice.threshold, *choice.fold_thresholds.values()} == {choice.theoretical}


def _cost(choice: ThresholdChoice) -> str:
    if _from_costs_alone(choice):
        return f"Cost per applicant at this threshold: {choice.cost_interval} (95% bootstrap interval)."
    return (
        "Cost per applicant, each decided by a threshold that others chose (cross-fitted): "
        f"{choice.cost_interval} (95% bootstrap interval). At the threshold above they cost "
        f"{presented.decimal(choice.cost_per_applicant)}, on the very applicants it was chosen on."
    )


def _costs(facts: ThresholdFacts) -> tuple[Block, ...]:
    choice = facts.choice
    return (
        _text(
            f"{_cost(choice)} Granting every loan costs {presented.decimal(choice.accept_all_cost)}, refusing every "
            f"one {presented.decimal(choice.refuse_all_cost)}."
        ),
        Picture("cost_curve.png", "Cost per applicant over thresholds with a 95% band"),
        _grid(choice.grid.select("threshold", "cost_per_applicant", "acceptance_rate", "tn", "fp", "fn", "tp")),
    )


def _money(portfolio: Portfolio, facts: ThresholdFacts) -> tuple[Block, ...]:
    money, everybody, economics = facts.money, facts.everybody, portfolio.economics
    amount = economics.mean_amount
    return (
        _text(
            f"A loan that is repaid earns {percent(economics.margin)} of the amount lent, one that defaults loses "
            f"{percent(economics.loss_given_default)}; an average loan is "
            f"{presented.money(amount, economics.currency)}. Source: {economics.source}. These figures imply "
            f"that a default costs {economics.cost_ratio():.1f} times a refused good applicant; the cost matrix says "
            f"{portfolio.costs.false_negative / portfolio.costs.false_positive:.1f}."
        ),
        Grid(
            (
                "",
                "Profit per applicant",
                f"In {economics.currency}",
                "Return on the amount lent",
                "Granted",
                "Defaults among granted",
            ),
            (
                _profit_row("This decision", facts.money, amount),
                _profit_row("Granting every loan", everybody, amount),
                ("Refusing every loan", "0.00%", "0", "0.00%", "0.0%", "nobody granted"),
            ),
        ),
        _text(
            f"{_whose_decisions(facts.choice)}"
            f"Profit per applicant: {money.per_applicant} of an average loan (95% interval). The profit curve is "
            "highest "
            f"at {percent(facts.best_profit)}."
        ),
        Picture("profit_curve.png", "Expected profit per applicant and return on the amount lent over thresholds"),
    )


def _whose_decisions(choice: ThresholdChoice) -> str:
    if _from_costs_alone(choice):
        return ""
    return (
        "These are the cross-fitted decisions again, each by a threshold that others chose, so that the share granted "
        f"can differ a little from the {percent(choice.acceptance_rate)} above. "
    )


def _profit_row(name: str, money: Profit, amount: float) -> tuple[str, ...]:
    each = money.per_applicant.estimate
    return (
        name,
        percent(each, 2),
        f"{each * amount:,.0f}",
        percent(money.on_lent, 2),
        percent(money.acceptance_rate),
        percent(money.default_rate),
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
            f"{percent(facts.rule.review[0])} to below {percent(facts.rule.review[1])} are decided by a person."
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
    rows = tuple(tuple(_cell(*cell) for cell in row.items()) for row in table.iter_rows(named=True))
    return Grid(tuple(_HEADINGS.get(name, presented.plain(name).capitalize()) for name in table.columns), rows)


def _cell(column: str, value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else ""
    if column == "method":
        return presented.method(str(value))
    if not isinstance(value, float):
        return str(value)
    if column in _SHARES:
        return percent(value)
    return f"{value:g}" if column == "cost_ratio" else presented.decimal(value)
