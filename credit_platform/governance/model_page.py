"""The model in production as a page of Markdown: figures, choice, explanation and limits, from its stored records.

What is here: `model_page`.
What to add here: a section that a reader of docs/ML_MODEL.md asks for, with figures of stored tables.
What must not be here: computing a figure, and what an approval rests on (`model_card`, `validation_report`): this is
the page that somebody reads first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from credit_platform import presented
from credit_platform.errors import ModellingError
from credit_platform.governance.records import ExplanationsRecord, FairnessRecord, PromotedModel, SoundnessRecord
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.records import ComparisonRecord, ThresholdRecord
from credit_platform.portfolios.keys import champion_key, governance_key, model_key
from credit_platform.portfolios.portfolio import Portfolio

_MEASURES = ("auc", "gini", "ks", "average_precision", "brier", "log_loss", "acceptance_rate", "precision", "recall")
_STRONGEST = 10
_WIDTH = 130


def model_page(portfolio: Portfolio, lakehouse: Lakehouse) -> str:
    """The page of the portfolio's champion.

    Raises:
        ModellingError: there is none, or the newest evidence is about another model.
    """
    if not lakehouse.exists(champion_key(portfolio.name)):
        raise ModellingError(
            f"No model of {portfolio.name} is in production.", f"Run it: credit-platform run {portfolio.name}"
        )
    champion = PromotedModel.of(lakehouse.read(champion_key(portfolio.name)))
    tables = {name: lakehouse.read(governance_key(portfolio.name, name)) for name in ("explanations", "fairness")}
    explained = ExplanationsRecord.of(tables["explanations"])
    if explained.digest != champion.digest:
        raise ModellingError(
            f"The newest evidence is about the challenger {explained.digest[:12]}, not about the champion "
            f"{champion.digest[:12]} of {portfolio.name}.",
            "Ask again once that one is promoted, or read the model card of the champion in its reports.",
        )
    sections = (
        _head(portfolio, champion, tables["explanations"]),
        _choice(portfolio, lakehouse),
        _decision(portfolio, ThresholdRecord.of(lakehouse.read(model_key(portfolio.name, "threshold")))),
        _holdout(champion),
        _drivers(tables["explanations"], explained),
        _fairness(FairnessRecord.of(tables["fairness"])),
        _limits(portfolio, SoundnessRecord.of(lakehouse.read(governance_key(portfolio.name, "soundness")))),
    )
    return "\n".join(line for section in sections for line in section)


def _head(portfolio: Portfolio, champion: PromotedModel, explained: StoredTable) -> Iterator[str]:
    data = "synthetic" if explained.version.synthetic else "real"
    yield from (f"# The model of {portfolio.title}", "")
    when = (champion.promoted_at or "")[:10] or "on a day that was not kept"
    yield from _paragraph(
        f"{get_candidate(champion.candidate).title}, version {champion.version}, scorer `{champion.digest[:12]}`, "
        f"features `{champion.feature_version}`, promoted {when}. Trained on {data} data: {portfolio.source}."
    )
    yield from _paragraph(
        f"Written by `credit-platform model-page {portfolio.name} --out FILE` from stored tables; asked again, it "
        "writes the figures of the model that is in production then, on any home."
    )


def _choice(portfolio: Portfolio, lakehouse: Lakehouse) -> Iterator[str]:
    stored = lakehouse.read(model_key(portfolio.name, "comparison"))
    rows = [
        (
            f"**{row['title']}**" if row["selected"] else row["title"],
            *(
                f"{presented.decimal(row[name])} "
                f"({presented.decimal(row[f'{name}_low'])} to {presented.decimal(row[f'{name}_high'])})"
                for name in ("auc", "cost_per_applicant")
            ),
        )
        for row in stored.frame.collect().iter_rows(named=True)
    ]
    yield from ("## How it was chosen", "")
    yield from _paragraph(
        "Candidates with their default parameters on the same folds, scores out of fold, 95% intervals. "
        + ComparisonRecord.of(stored).sentence
    )
    yield from _table(("candidate", "AUC", "cost per applicant"), rows)


def _decision(portfolio: Portfolio, record: ThresholdRecord) -> Iterator[str]:
    costs = portfolio.costs
    yield from ("## How it decides", "")
    yield from _paragraph(
        f"Refused from a probability of default of **{presented.percent(record.rule.threshold, 2)}** "
        f"({presented.method(record.method)}; break-even {presented.percent(record.break_even, 2)}). "
        f"A granted default costs {costs.false_negative:g}, a refused good applicant "
        f"{costs.false_positive:g} ({costs.source}). Out of fold an applicant costs "
        f"**{record.cost_per_applicant:.3f}** ({record.cost_low:.3f} to {record.cost_high:.3f}); accepting everybody "
        f"would cost {record.accept_all_cost:.3f}, refusing everybody {record.refuse_all_cost:.3f}."
    )


def _holdout(champion: PromotedModel) -> Iterator[str]:
    found = champion.holdout_metrics
    rows = [
        (presented.measure(name), (presented.percent if name in presented.SHARES else presented.decimal)(found[name]))
        for name in _MEASURES
        if name in found
    ]
    yield from ("## On the holdout", "", "Applicants that neither choice nor training had seen.", "")
    yield from _table(("measure", "value"), rows)


def _drivers(stored: StoredTable, record: ExplanationsRecord) -> Iterator[str]:
    features = stored.frame.head(_STRONGEST).collect()
    rows = [
        (row["feature"], row["description"].rstrip("."), presented.percent(row["share"]))
        for row in features.iter_rows(named=True)
    ]
    yield from ("## What drives it", "")
    yield from _paragraph(
        f"Shares of all contributions to the log-odds, over {record.applicants:,} applicants of the holdout; the "
        f"{len(rows)} strongest of {record.features} features."
    )
    yield from _table(("feature", "what it is", "share"), rows)


def _fairness(record: FairnessRecord) -> Iterator[str]:
    yield from ("## Fairness", "")
    told = record.adverse or ("No group is below four fifths of the best-off beyond chance.",)
    yield from (f"- {sentence}" for sentence in told)
    if record.small_groups:
        yield f"- Too small to be judged: {', '.join(record.small_groups)}."
    yield ""


def _limits(portfolio: Portfolio, record: SoundnessRecord) -> Iterator[str]:
    yield from ("## Limits", "")
    seen, held = f"{record.training_applicants:,}", f"{record.holdout_applicants:,}"
    yield f"- {seen} applicants in training, {held} in the holdout: the intervals are what these allow."
    yield "- Outcomes are known only of loans that were granted; those who were refused are not in the data."
    yield "- Threshold and selection follow from the two costs: another lender's are others."
    if portfolio.contact.example:
        yield "- The contact for reviews is made up: a lender names its own before anybody is decided about."
    yield "- Model card, validation report and regulatory map, beside it in the reports, say more and bind."
    yield ""


def _paragraph(text: str) -> Iterator[str]:
    yield from (*wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False), "")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)
    yield ""
