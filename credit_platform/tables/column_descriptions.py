"""What the columns of every table mean, for the asset page of each.

What is here: `column_descriptions`: from the portfolio's declarations where it declares the column, else from below.
What to add here: each column of a table that is not raw data or a feature; a test finds one without a description.
What must not be here: contracts (`contracts.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from credit_platform.lakehouse.verdicts import key_in_force
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.contracts import split_key

SHARED = {
    "target": "What became of the loan: 1 = default, 0 = repaid.",
    "fold": "Fold of the applicant, 0 to 4; -1 marks the holdout.",
    "margin": "Score of a model that did not see the applicant, in log-odds of default, before calibration.",
    "probability": "Calibrated probability of default.",
    "candidate": "Kind of model.",
    "title": "Name for people.",
    "selected": "Whether this candidate costs least and goes on.",
    "cost_per_applicant": "Cost of wrong decisions per applicant, in units of the cost matrix.",
    "cost_per_applicant_low": "Lower end of its 95% interval.",
    "cost_per_applicant_high": "Upper end of its 95% interval.",
    "cost_in_sample": "The same on the applicants that the threshold was chosen on: a little too favourable.",
    "threshold": "Probability of default from which an application is refused.",
    "threshold_method": "How the threshold was chosen.",
    "acceptance_rate": "Share of applications granted.",
    "auc": "Area under the ROC curve, out of fold.",
    "auc_low": "Lower end of its 95% interval (DeLong).",
    "auc_high": "Upper end of its 95% interval (DeLong).",
    "auc_fold_mean": "Mean of the AUCs of the folds.",
    "auc_fold_std": "Standard deviation of the AUCs of the folds.",
    "gini": "2 AUC - 1.",
    "ks": "Kolmogorov-Smirnov distance between the scores of repaid and defaulted loans.",
    "average_precision": "Area under the precision-recall curve.",
    "brier": "Mean squared distance of probability and outcome.",
    "log_loss": "Mean negative log-likelihood of the outcomes.",
    "seconds": "Wall time of the cross-validation.",
    "tn": "Repaid loans granted.",
    "fp": "Good applicants refused.",
    "fn": "Defaults granted.",
    "tp": "Defaults refused.",
    "check": "Rule of the gate.",
    "passed": "Whether the rule is kept.",
    "blocking": "Whether breaking it refuses the promotion.",
    "value": "What was measured.",
    "bound": "What it was held against.",
    "message": "Both, as a sentence.",
    "promoted": "Whether the challenger may replace the champion.",
    "decided_at": "When (UTC).",
    "decided_by": "Who or what asked.",
    "digest": "SHA-256 of everything that determines an answer of the scorer.",
    "rule": "Rules that the row breaks.",
    "line": "Line of the file, 1-based.",
    "profit_per_applicant": "Expected profit per application, as a share of an average loan.",
    "return_on_lent": "Expected profit over the amount lent.",
    "portfolio": "Name of the portfolio.",
    "run_id": "Run of Dagster that wrote the row.",
    "version": "Version in the model registry.",
    "share": "Share of all.",
    "defaults": "Applicants who defaulted.",
    "predicted": "Mean calibrated probability of default.",
    "path": "Where it lies, relative to where the platform was started unless it is absolute.",
    "key": "Key under which it is stored.",
    "bytes": "Size in bytes.",
    "model": "Name in the model registry.",
    "model_version": "Version of the model that answered.",
    "table": "Name of the table.",
    "rows": "Rows kept.",
    "probability_of_default": "Calibrated probability of default.",
    "decision": "accepted, refused or review.",
    "points": "Score in points: more is safer.",
    "reasons": "Codes of the reasons, the weightiest first.",
}
"""Columns that mean the same wherever they stand."""

_DOCUMENT = {
    "document": "Document that the figure stands in.",
    "text": "The figure as it is printed.",
    "value": "The figure itself, as JSON.",
    "table": "Table that it was read from.",
    "version": "Version of that table.",
    "path": "Place in the table's summary, or the column.",
}

_PLACE = {
    "log": "Decision log that holds the decision.",
    "row": "Number of the decision in its log.",
}

_VERDICTS = {
    "feature": "Column of the feature in monitoring/decisions; `probability` and `decision` are the model's answers.",
    "role": "feature, score or decision.",
    "kind": "number or category.",
    "verdict": "stable, moved, too few, missing, new category or constant.",
    "drifted": "Whether it differs certainly (Holm) and materially (PSI).",
    "incident": "Whether its feed broke: a data incident, no drift.",
    "importance": "Share of the model's absolute contributions in training.",
    "days": "Window that it was judged in: the narrowest with enough decisions.",
    "decisions": "Decisions in that window, without days on which its feed was broken.",
    "least": "Decisions from which chance seldom gives a material PSI in any feature.",
    "statistic": "KS distance of a number, chi-square of a category.",
    "p": "Of that statistic.",
    "p_adjusted": "The same, adjusted over all features (Holm).",
    "plain_p": "p of KS without adjustment, as others count it; 1 for a category.",
    "psi": "Population stability index on the frozen bins.",
    "missing_before": "Share without a value that was expected.",
    "missing_now": "Share without a value.",
    "unseen_now": "Share of values outside the range of training, or of categories that it did not have.",
    "day": "Day of the decision, where the lender is.",
    "model": "Digest of the scorer.",
}
BY_TABLE: dict[str, dict[str, str]] = {
    "monitoring/drift": _VERDICTS,
    "monitoring/population_shift": _VERDICTS,
    "monitoring/evidently_report": {
        "feature": "Feature that Evidently compared, the most important first.",
        "importance": "Share of the model's absolute contributions in training.",
    },
    "monitoring/cell_counts": {
        "day": "Day of the decisions, where the lender is.",
        "model": "Digest of the scorer.",
        "stratum": "Where histories came from: request, stored or none.",
        "feature": "Column of the feature in monitoring/decisions; `probability`, `decision`: the model's answers.",
        "cell": "Number of the cell that was frozen with the model; 0 counts what is missing.",
        "count": "Decisions in it.",
        "single": "Whether all their values are equal.",
    },
    "monitoring/reference": {
        "model": "Digest of the scorer.",
        "stratum": "Where histories come from: stored tables, or nowhere.",
        "number": "Place of the feature in the model; score, decisions and target come last.",
        "feature": "Column of the feature in monitoring/decisions.",
        "role": "feature, score, decision or target.",
        "kind": "number or category.",
        "importance": "Share of the model's absolute contributions in training.",
        "cell": "Number of the cell; 0 counts what is missing, the last what training did not have.",
        "upper": "Upper edge of the cell, which belongs to it.",
        "category": "Value that the cell counts.",
        "bin": "Bin of the PSI that the cell belongs to.",
        "mean": "Mean probability of default in the cell.",
        "count": "Applicants of training, for score, decision and target of the holdout.",
        "threshold": "Probability of default from which the model refuses.",
        "review_from": "From which a person decides; null without a review band.",
        "review_to": "Up to which a person decides.",
    },
    "features/catalogue": {
        "feature": "Name of the feature.",
        "description": "What it says, in words.",
        "unit": "Unit of its values.",
        "kind": "numeric, boolean or categorical.",
        "source": "Raw table that it is made from; several for a feature across tables.",
        "reason": "Family under which it is given as a reason.",
        "monotone": "Sign that its effect on risk must have: 1 rises, -1 falls, 0 free.",
        "valid_minimum": "Least value that is possible.",
        "valid_maximum": "Greatest value that is possible.",
        "null_share": "Share of applicants without a value.",
        "distinct": "Number of different values.",
        "mean": "Mean.",
        "minimum": "Least value found.",
        "maximum": "Greatest value found.",
        "top_categories": "Most frequent categories with their shares.",
        **{f"p{share:02}": f"Value that {share}% of applicants do not exceed." for share in (1, 25, 50, 75, 99)},
    },
    "governance/explanations": {
        "feature": "Name of the feature.",
        "description": "What it says, in words.",
        "family": "Family under which it is given as a reason.",
        "importance": "Importance as the model's own library measures it.",
        "mean_absolute": "Mean absolute contribution to the log-odds of default.",
        "mean": "Mean contribution to the log-odds of default.",
        "share": "Share of all mean absolute contributions.",
        "importance_rank": "Rank by the library's own importance, 1 first.",
    },
    "governance/fairness": {
        "attribute": "Protected or audited attribute, or a pair of them.",
        "group": "Group within the attribute.",
        "intersection": "Whether the group is one of two attributes at once.",
        "members": "Applicants of the group in the holdout.",
        "verdict": "too_few, even, watch (below four fifths, perhaps by chance), adverse (beyond chance); alone or "
        "nobody where there is nothing to compare with.",
        "false_refusal_rate": "Share of the group's good applicants who are refused.",
        "false_acceptance_rate": "Share of the group's defaulters who are granted.",
        "observed": "Default rate of the group.",
        "calibrated": "Whether the predicted rate lies within the interval of the observed one.",
        "impact_ratio": "Acceptance rate over that of the reference group.",
        "reference": "Group of the attribute with the highest acceptance rate among those judged.",
    },
    "governance/model_card": _DOCUMENT,
    "governance/validation_report": _DOCUMENT,
    "governance/promotion_decision": {
        "challenger": "Kind of model that asks to be promoted.",
        "challenger_version": "Its version in the model registry.",
        "challenger_digest": "Digest of its scorer.",
        "champion": "Kind of model in production when it was decided; empty before the first promotion.",
        "champion_version": "Its version in the model registry.",
        "champion_digest": "Digest of its scorer.",
        "event": "decision of the gate, approval or override by a person, or rollback.",
        "person": "Who approved, overrode or rolled back.",
        "comment": "The reason that person gave.",
        "account": "Account of the machine under which they did.",
        "approval_policy": "What it took to be promoted: automatic, manual (a person approves), four-eyes (another "
        "person than who trained it).",
        "trained_by": "Accounts under which the challenger was trained.",
    },
    "governance/scorecard": {
        "points_from": "Fewest points of the band.",
        "points_to": "Most points of the band.",
        "probability_low": "Least probability of default in the band.",
        "probability_high": "Greatest probability of default in the band.",
        "applicants": "Applicants of the holdout in the band.",
        "default_rate": "Share of them who defaulted.",
        "refused": "Share of them who are refused.",
    },
    "governance/soundness": {
        "name": "Feature, or the score itself.",
        "psi": "Population stability index between training applicants and holdout.",
        "bound": "PSI that chance alone would rarely exceed with so many applicants.",
        "shifted": "Whether the PSI exceeds the bound.",
    },
    "governance/reasons": {
        "language": "Language of the sentence: fr or en.",
        "code": "Family of reasons.",
        "text": "The sentence.",
        "said": "How often it was said in the answers looked at.",
        "contradicted": "How often the raw rows of whom it was said to contradict it.",
        "fitting": "How often it fits, whatever the score: each family is asked on both sides.",
        "fitting_false": "How often the raw rows contradict it there.",
        "listed": "Whether the portfolio says what the sentence claims, or that it claims nothing.",
        "rule": "What in the raw rows contradicts it.",
    },
    "models/comparison": {"against_winner": "Whether a paired test tells the candidate from the selected one."},
    "models/imbalance": {
        "strategy": "Treatment of rare defaults: none, weights or smote.",
        "cost_difference": "Cost per applicant less that of doing nothing, on the same applicants.",
        "auc_difference": "AUC less that of doing nothing, on the same applicants.",
    },
    "quality/report": {
        "verdict": "good, look or stop.",
        "rejected": "Rows set aside, each with its rule.",
        "warnings": "Findings that a person should look at.",
    },
    "monitoring/decisions": {
        "log": "Decision log that the row is of.",
        "row": "Its number there; with the log, the key of a row.",
        "day": "Day of the decision, where the lender is; the partition.",
        "model_digest": "SHA-256 of the scorer that answered.",
        "feature_version": "Digest of the definitions of the features.",
        "language": "Language of the answer: fr or en.",
        "histories": "Where the histories came from: request, stored, or none.",
    },
    "monitoring/outcomes": {
        **_PLACE,
        "decided_at": "When it was decided (UTC).",
        "month": "Month of the decision, in the portfolio's timezone.",
        "months_on_book": "Greatest age at which the loan was observed, in months.",
        "defaulted": "Whether it has defaulted.",
        "default_month": "Least age at which it was told to have defaulted, in months.",
        "observed_at": "Day of the newest observation.",
        "loss": "Lost so far, as last told, in the portfolio's currency.",
        "synthetic": "Whether a simulation made it up.",
        "observations": "Rows of files behind it.",
    },
    "monitoring/outcomes__rejected": {
        "file": "Name of the file.",
        "reason": "Rule of the contract that the row breaks, or why it counts for no decision.",
        "observed_at": "Day on which the loan was looked at, as the file has it.",
        "months_on_book": "Age of the loan on that day, as the file has it.",
        "defaulted": "1 = default, 0 = not, as the file has it.",
        "loss": "Lost so far, as the file has it.",
        "synthetic": "1 where a simulation made the row up.",
    },
    "monitoring/performance": {
        "model_digest": "Digest of the scorer that decided.",
        "month": "Month of decision, all mature months together, or the holdout.",
        "basis": "What the figure rests on: decisions, outcomes, what is expected, the yardstick, or bounds over what "
        "refused applicants could have done.",
        "measure": "Name of the figure.",
        "value": "The figure; empty where there is none.",
        "low": "Lower end of its 95% interval, or of what is possible.",
        "high": "Upper end of the same.",
        "loans": "Loans, or applicants, that it is about.",
        "defaults": "Defaults among them, where outcomes are known.",
        "said": "What kind of figure it is, or in words why there is none.",
    },
    "features/applicants": {
        "origin": "Where the applicant comes from: a raw file, or decided about by this platform.",
        "decision_mark": "Name of the decision that a decided applicant comes from, by a digest.",
    },
    "monitoring/decided_applicants": {
        "log": "Decision log that holds the decision.",
        "row": "Number of the decision there.",
        "decision_mark": "Name of the decision in the feature table, by a digest.",
    },
    "monitoring/incidents": {
        "incident": "Number of the incident in the memory of the home.",
        "source": "Who or what noticed it: check, step, run, stale, sensor, schedule, alert, program, daemon, …",
        "portfolio": "Which portfolio it is about; empty for the platform as a whole.",
        "severity": "error: something stopped, or will be missing. warning: it went on, and somebody should look.",
        "owner": "Who answers for it.",
        "title": "What is wrong, in a line.",
        "message": "What is wrong, and the cure where there is one.",
        "opened": "When it was noticed first (UTC).",
        "last_seen": "When it was last seen to be wrong (UTC).",
        "times": "How often it was seen.",
        "resolved": "When it was over (UTC); empty while it is not.",
        "resolution": "How that is known.",
        "told_to": "Ways by which people were told.",
        "told_at": "When the first of them was (UTC); empty while nobody is.",
        "not_reached": "Ways by which nobody could be told yet, or was not in two days.",
        "link": "Where to look.",
        "key": "What the incident is about: one is open for a key at a time.",
    },
    "monitoring/retrain_decision": {
        "fact": "What was looked at.",
        "says": "What it says; empty where nothing is known.",
    },
    "serving/bento": {"tag": "Name and version of the Bento."},
    "serving/deployment": {
        "bento": "Name and version of the Bento.",
        "target": "Where it was brought: local or kubernetes.",
        "verdict": "succeeded, failed or inconclusive.",
        "message": "What happened, and what answers applicants now.",
        "before": "Digest of what was told to serve before; empty where nothing was.",
        "requests": "Requests for decisions that its first pod answered while it was watched; empty where none was.",
        "errors": "How many of them it failed.",
    },
    "governance/swap_set": {
        "basis": "Applicants that both models scored: of the holdout, or of live decisions.",
        "cell": "Which way the two decide: by both alike, swapped in or out, or to a person.",
        "applicants": "Applicants in the cell.",
        "champion_mean_pd": "Their mean probability of default by the champion.",
        "challenger_mean_pd": "Their mean probability of default by the challenger.",
        "expected_by_champion": "Cost that the challenger is expected to add per applicant, by the champion.",
        "expected_by_challenger": "The same by the challenger's probabilities; negative saves.",
        "cost_difference": "Cost that the challenger would have added per applicant, where outcomes are known.",
    },
}
"""Columns of one table, by layer and name."""

_INTERVAL_ENDS = {"_low": "Lower", "_high": "Upper"}


def column_descriptions(key: str) -> Callable[[str], str | None]:
    """What describes the columns of table `key`: name of a column to its description, None for an unknown one."""
    portfolio, layer, name = split_key(key_in_force(key))
    described = {} if portfolio is None else _described(portfolio, layer, name)

    def describe(column: str) -> str | None:
        if column in described:
            return described[column]
        for ending, side in _INTERVAL_ENDS.items():
            if column.endswith(ending) and column.removesuffix(ending) in described:
                return f"{side} end of the 95% interval of {column.removesuffix(ending)}."
        return None

    return describe


def _described(portfolio: Portfolio, layer: str, name: str) -> dict[str, str]:
    if layer == "raw":
        tables = [table for table in portfolio.tables if name in (table.name, f"{table.name}__rejected")]
        return {**SHARED, **{column.name: column.description for table in tables for column in table.columns}}
    training = {column.name: column.description for column in portfolio.table(portfolio.training_table).columns}
    features = {one.name: one.description for one in (*portfolio.features, *portfolio.audit_features)}
    return {**SHARED, **training, **features, **BY_TABLE.get(f"{layer}/{name}", {})}
