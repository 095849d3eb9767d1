"""The page on performance: what is known, what is expected, why it is compared with what it is compared with.

What is here: `performance_page`, a document of the kind that governance writes.
What to add here: a section on figures that another module has computed.
What must not be here: computing, drawing (`charts.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import polars as pl

from credit_platform.governance.document import STYLES, Block, Document, Grid, Paragraph, Picture, Section
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.monitoring.performance.records import NAME, message_of
from credit_platform.monitoring.performance.report import ALL_MATURE, BOUNDS, EXPECTED, HOLDOUT, Champion, Performance
from credit_platform.portfolios.portfolio import Portfolio

_DIGITS = 12
_NAMES = {
    "auc": "AUC",
    "gini": "Gini",
    "ks": "KS",
    "brier": "Brier score",
    "calibration_slope": "Calibration slope (1 is right)",
    "calibration_in_the_large": "Calibration in the large (0 is right)",
    "default_rate": "Default rate",
    "mean_probability": "Mean probability of default",
    "cost_per_loan": "Cost per granted loan",
    "cost_per_applicant": "Cost per applicant",
    "profit_per_loan": "Profit per granted loan, in average loans",
    "acceptance_rate": "Acceptance rate",
}
_PICTURES = {
    "performance_auc": "AUC by month of decision: expected, and what came.",
    "performance_bands": "Observed against expected default rate by band of points, all mature months.",
    "performance_vintages": "Cumulative default rate by months on book, a line for each month of decision.",
}


def performance_page(
    portfolio: Portfolio,
    found: Performance,
    outcomes: OutcomesRecord | None,
    champion: Champion | None,
    pictures: Collection[str],
) -> Document:
    """The document; where nothing is known, it says so in words.

    Args:
        portfolio: whose model.
        found: what was measured.
        outcomes: what was read of files; None where nobody looked yet.
        champion: the model that is judged.
        pictures: names of the pictures beside it, without ending.
    """
    sections = [
        _verdicts(portfolio, found, outcomes, champion),
        Section("Month by month", (*_picture("performance_auc", pictures), _vintages(found))),
        Section("All mature months", (*_explained(_MATURE_WORDS), _figures(found, champion, ALL_MATURE))),
        Section("The yardstick", (*_explained(_yardstick_words(portfolio)), _figures(found, champion, HOLDOUT))),
        Section("Bands of points", (*_picture("performance_bands", pictures), *_bands(found))),
        Section("Vintages at the same age", (*_picture("performance_vintages", pictures), *_older(found))),
        Section("What refused applicants could change", (*_explained(_REFUSED_WORDS), _bounds(found, champion))),
        Section("How to read it", _explained(_reading_words(portfolio))),
    ]
    return Document(name=NAME, title=f"Performance of {portfolio.title}", sections=tuple(sections))


def _verdicts(
    portfolio: Portfolio, found: Performance, outcomes: OutcomesRecord | None, champion: Champion | None
) -> Section:
    blocks: list[Block] = [Paragraph((message_of(found, champion),))]
    if outcomes is not None:
        blocks.append(Paragraph((outcomes.message,)))
        if outcomes.synthetic_rows:
            said = "These outcomes are SYNTHETIC: a simulation made them up. They say nothing of real loans."
            blocks.insert(0, Paragraph((said,)))
    if champion is not None:
        blocks.append(
            Paragraph((f"Champion: {champion.digest[:_DIGITS]}, refuses from {champion.rule.threshold:.4f} on.",))
        )
    rows = tuple(
        (question, judgement.answer.value, judgement.reason)
        for question, judgement in (
            ("Are probabilities high enough in every band?", found.verdicts.calibration),
            ("Does it separate as well as on the holdout it accepts?", found.verdicts.discrimination),
            ("Are outcomes what the probabilities said?", found.verdicts.concept),
        )
    )
    blocks.append(Grid(("Question", "Answer", "Because"), rows))
    return Section(f"Does the model of {portfolio.title} still hold?", tuple(blocks))


def _vintages(found: Performance) -> Block:
    if found.vintages.is_empty():
        return Paragraph(("No decision yet.",))
    came = {(row["model_digest"], row["month"]): row for row in _auc(found, "outcomes")}
    expected = {(row["model_digest"], row["month"]): row for row in _auc(found, EXPECTED)}
    rows = []
    for row in found.vintages.iter_rows(named=True):
        key = (row["model_digest"], row["month"])
        rows.append(
            (
                row["month"],
                row["model_digest"][:_DIGITS],
                f"{row['decisions']:,}",
                STYLES["percent"](row["acceptance_rate"]),
                f"{row['with_outcome']:,} of {row['accepted']:,}",
                f"{row['age']} months: {row['state']}" if row["age"] else row["state"],
                _with_interval(came.get(key)),
                _with_interval(expected.get(key)),
            )
        )
    headings = ("Decided in", "Model", "Decisions", "Accepted", "Outcomes", "Age", "AUC that came", "AUC expected")
    return Grid(headings, tuple(rows))


def _auc(found: Performance, basis: str) -> Iterable[Mapping[str, Any]]:
    return found.measures.filter((pl.col("basis") == basis) & (pl.col("measure") == "auc")).iter_rows(named=True)


def _figures(found: Performance, champion: Champion | None, month: str) -> Block:
    digest = None if champion is None else champion.digest
    mine = found.measures.filter((pl.col("model_digest") == pl.lit(digest)) & (pl.col("month") == month))
    rows = mine.filter(pl.col("basis") != BOUNDS)
    if rows.is_empty():
        return Paragraph(("Nothing to compare yet.",))
    return Grid(
        ("Figure", "Rests on", "Value (95% interval)", "Loans", "Defaults"),
        tuple(
            (
                _NAMES[row["measure"]],
                row["basis"],
                _with_interval(row),
                f"{row['loans']:,}",
                "" if row["defaults"] is None else f"{row['defaults']:,}",
            )
            for row in rows.iter_rows(named=True)
        ),
    )


def _bands(found: Performance) -> tuple[Block, ...]:
    if found.bands.is_empty():
        return (Paragraph(("No mature outcome yet: nothing to compare.",)),)
    rows = tuple(
        (
            f"{row['points_from']} to {row['points_below']}",
            f"{row['loans']:,}",
            f"{row['defaults']:,}",
            f"{row['expected']:.2%}",
            f"{row['observed']:.2%} ({row['observed_low']:.2%} to {row['observed_high']:.2%})",
            f"{row['p_too_low']:.3f}",
            row["said"],
        )
        for row in found.bands.iter_rows(named=True)
    )
    headings = ("Points", "Loans", "Defaults", "Expected", "Observed", "p, adjusted", "Verdict")
    return (*_explained(_BAND_WORDS), Grid(headings, rows))


def _older(found: Performance) -> tuple[Block, ...]:
    if found.against_older.is_empty():
        return (Paragraph(("No month is too young to count and old enough to compare.",)),)
    rows = tuple(
        (
            row["month"],
            "" if row["age"] is None else f"{row['age']}",
            "" if row["default_rate"] is None else f"{row['default_rate']:.2%} of {row['loans']:,}",
            "" if row["older_rate"] is None else f"{row['older_rate']:.2%} of {row['older_loans']:,}",
            "" if row["p_value"] is None else f"{row['p_value']:.3f}",
            row["said"],
        )
        for row in found.against_older.iter_rows(named=True)
    )
    headings = ("Decided in", "Age, months", "Defaulted by then", "Of older months by then", "p, adjusted", "Verdict")
    return (Grid(headings, rows),)


def _bounds(found: Performance, champion: Champion | None) -> Block:
    digest = None if champion is None else champion.digest
    wanted = (pl.col("model_digest") == pl.lit(digest)) & (pl.col("month") == ALL_MATURE) & (pl.col("basis") == BOUNDS)
    rows = tuple(
        (
            _NAMES[row["measure"]],
            row["said"] if row["low"] is None else f"{row['low']:.3f} to {row['high']:.3f}",
            row["said"],
        )
        for row in found.measures.filter(wanted).iter_rows(named=True)
    )
    return (
        Grid(("Figure over everybody decided", "From worst to best or best to worst", "Of whom"), rows)
        if rows
        else (Paragraph(("Nothing to compare yet.",)))
    )


def _with_interval(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["value"] is None:
        return str(row["said"])
    ends = "" if row["low"] is None else f" ({row['low']:.3f} to {row['high']:.3f})"
    return f"{row['value']:.3f}{ends}"


def _picture(name: str, pictures: Collection[str]) -> tuple[Block, ...]:
    return (Picture(f"{name}.png", _PICTURES[name]),) if name in pictures else ()


def _explained(words: Iterable[str]) -> tuple[Block, ...]:
    return tuple(Paragraph((said,)) for said in words)


_MATURE_WORDS = (
    "Figures of granted loans whose outcome at maturity is known, of all months that count, beside what was to be "
    "expected of the very same loans. Where a figure that came lies outside of what was expected, applicants with the "
    "same features do otherwise than before (concept shift), or more have come about whom the model was never right; "
    "by chance alone one figure in twenty lies outside.",
)
_REFUSED_WORDS = (
    "What refused applicants would have done is not known. With one model and one threshold no figure over everybody "
    "decided can lie outside of these ends: all of them default, or all of them repay.",
)
_BAND_WORDS = (
    "A band is as wide as the points that double the odds. The Jeffreys test asks whether the probabilities that were "
    "given are too low for the defaults that came (European Central Bank, 2019); Holm's adjustment keeps chance among "
    "several bands from being told as a finding.",
)


def _yardstick_words(portfolio: Portfolio) -> tuple[str, ...]:
    return (
        "Outcomes are known of accepted applicants only, and these are those whom the model found safe. Among them it "
        "always separates less well than among all applicants: the clearest cases are gone. On the whole holdout the "
        f"AUC is therefore higher than any AUC of granted loans of {portfolio.title} can be expected to be, also when "
        "nothing has changed. So the yardstick is the holdout restricted to whom the champion accepts: applicants whom "
        "no fitting saw, chosen by the same rule as the loans that they are compared with.",
    )


def _reading_words(portfolio: Portfolio) -> tuple[str, ...]:
    months = portfolio.monitoring.maturity_months
    return (
        f"A month counts when at least 95% of its loans with an outcome were observed {months} months after they were "
        "granted or defaulted before. Younger months are only compared with older ones at the same age, never mixed "
        "with them: defaults are told at once, repayment is only seen in the end.",
        "Expected figures come from the calibrated probabilities (confidence-based performance estimation). Their "
        "interval holds the chance in what single loans do, and what the holdout leaves open about the calibration. It "
        "holds when other people apply; it does not when people with the same features behave otherwise.",
        "Costs are in units of the cost matrix; a loan that a person granted after review is not counted here, because "
        "the model did not decide it.",
    )
