"""Fairness by group: who is granted, who is wrongly refused, whose probabilities are true.

What is here: `audit_fairness`, the rates of each group of each protected attribute and of their intersections, with
intervals, and a verdict by the four-fifths rule.
What to add here: another measure by group, as a column of the audit.
What must not be here: what could be done about a disparity (`fairness_alternatives.py`), the gate (`gate.py`).

Verdicts
    too_few   fewer than `LEAST_MEMBERS` members: shown, never judged. With 20 members the 95% interval of a rate of
              one half is 0.30 to 0.70; no honest verdict fits in there.
    even      acceptance is at least four fifths of that of the best-off judged group.
    watch     below four fifths, but chance could explain it (the 95% interval of the ratio contains 1).
    adverse   below four fifths beyond chance.
    nobody    nobody of any judged group is granted a loan: there is no rate to compare with.
    alone     no other group of the attribute is large enough, so there is nothing to compare with: it cannot be judged.

Sources: EEOC, Uniform Guidelines on Employee Selection Procedures (1978), 29 CFR 1607.4 D (the four-fifths rule);
D. Katz et al., Biometrics 34 (1978) 469-474 (interval of a ratio), with S. Walter's half added where a count is zero;
M. Hardt, E. Price, N. Srebro, Equality of Opportunity in Supervised Learning (2016); rates by fairlearn's MetricFrame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from credit_platform.governance.evidence import Evidence
from credit_platform.modelling.calibration import wilson_interval
from credit_platform.modelling.intervals import Interval

FOUR_FIFTHS = 0.8
LEAST_MEMBERS = 30
"""Groups with fewer members are shown and flagged, not judged."""
_Z = NormalDist().inv_cdf(0.975)
_RATES = ("acceptance_rate", "false_refusal_rate", "false_acceptance_rate")


@dataclass(frozen=True, kw_only=True)
class FairnessAudit:
    """Rates by group and what they mean."""

    table: pl.DataFrame
    """A row per group: attribute, group, intersection, members, defaults, verdict; acceptance_rate,
    false_refusal_rate (good applicants refused), false_acceptance_rate (defaults granted) and observed (default rate),
    each with _low and _high (95% Wilson); predicted (mean probability), calibrated; impact_ratio with _low and _high
    (95%), against `reference`."""

    @property
    def adverse(self) -> list[str]:
        """Sentences on the groups below four fifths beyond chance, single attributes only."""
        return self._sentences("adverse")

    @property
    def watched(self) -> list[str]:
        """Sentences on the groups below four fifths where chance could explain it, single attributes only."""
        return self._sentences("watch")

    @property
    def least_ratio(self) -> float | None:
        """Smallest impact ratio among judged groups of single attributes; None when none was judged."""
        judged = self.table.filter(~pl.col("intersection") & pl.col("impact_ratio").is_not_null())["impact_ratio"]
        return None if judged.is_empty() else float(min(judged))

    def _sentences(self, verdict: str) -> list[str]:
        rows = self.table.filter(~pl.col("intersection") & (pl.col("verdict") == verdict))
        return [
            f"{row['attribute']} {row['group']}: {row['acceptance_rate']:.1%} granted, "
            f"{row['impact_ratio']:.2f} times the rate of {row['reference']} "
            f"(95%: {row['impact_ratio_low']:.2f} to {row['impact_ratio_high']:.2f})."
            for row in rows.iter_rows(named=True)
        ]


def audit_fairness(evidence: Evidence, groups: pl.DataFrame, *, least_members: int = LEAST_MEMBERS) -> FairnessAudit:
    """Measure every group of every attribute, and of every pair of attributes.

    Args:
        evidence: out-of-sample outcomes, probabilities and decisions, (n,).
        groups: (n, attributes) group of each applicant, in the same order; null is the group "unknown".
        least_members: groups with fewer are flagged and not judged.

    Raises:
        ValueError: `groups` has another number of rows than `evidence`.
    """
    if groups.height != evidence.y.size:
        raise ValueError(f"{groups.height} rows of groups for {evidence.y.size} applicants.")
    named = groups.select(pl.all().cast(pl.String).fill_null("unknown"))
    sets = [*((name,) for name in named.columns), *_pairs(named)]
    rows = [row for attributes in sets for row in _of_attributes(evidence, named, attributes, least_members)]
    return FairnessAudit(table=pl.DataFrame(rows, schema=_SCHEMA))


def impact_ratio(accepted: int, members: int, reference_accepted: int, reference_members: int) -> Interval:
    """Acceptance rate of a group over that of the reference, with the 95% interval of Katz.

    Where one of the counts is zero, half an applicant is added to each (Walter), so that the interval exists.
    """
    half = 0.0 if accepted and reference_accepted else 0.5
    a, n, b, m = (count + half for count in (accepted, members, reference_accepted, reference_members))
    ratio = (a / n) / (b / m)
    error = sqrt(max(1 / a - 1 / n + 1 / b - 1 / m, 0.0))
    estimate = (accepted / members) / (reference_accepted / reference_members) if reference_accepted else ratio
    return Interval(estimate, exp(log(ratio) - _Z * error), exp(log(ratio) + _Z * error))


def _pairs(groups: pl.DataFrame) -> list[tuple[str, ...]]:
    """Pairs of attributes neither of which tells the other: sex within a code of sex and status says nothing new."""
    found: list[tuple[str, ...]] = []
    for first, second in combinations(groups.columns, 2):
        together = groups.select(first, second).n_unique()
        if together > max(groups[first].n_unique(), groups[second].n_unique()):
            found.append((first, second))
    return found


def _of_attributes(
    evidence: Evidence, groups: pl.DataFrame, attributes: Sequence[str], least_members: int
) -> list[dict[str, Any]]:
    labels = groups.select(pl.concat_str(attributes, separator=" × ")).to_series()
    rows = _rates(evidence, labels)
    for row in rows:
        row["attribute"] = " × ".join(attributes)
        row["intersection"] = len(attributes) > 1
    judged = [row for row in rows if row["members"] >= least_members]
    if len(judged) == 1:
        judged[0]["verdict"] = "alone"
        judged = []
    reference = max(judged, key=lambda row: row["acceptance_rate"], default=None)
    for row in rows:
        if row.get("verdict") != "alone":
            _judge(row, reference, least_members)
    return rows


def _rates(evidence: Evidence, labels: pl.Series) -> list[dict[str, Any]]:
    """Rates of each group: fairlearn computes them, Wilson's intervals are put beside."""
    from fairlearn.metrics import (
        MetricFrame,
        count,
        false_negative_rate,
        false_positive_rate,
        selection_rate,
    )

    refused = evidence.refused.astype(np.int64)
    frame = MetricFrame(
        metrics={
            "members": count,
            # Positive is a default, or its prediction: a refusal. So accepting is selecting label 0.
            "acceptance_rate": _accepted_share(selection_rate),
            "false_refusal_rate": false_positive_rate,
            "false_acceptance_rate": false_negative_rate,
        },
        y_true=evidence.y,
        y_pred=refused,
        sensitive_features=labels.to_numpy(),
    )
    names = labels.to_numpy()
    rows = []
    for group, rates in sorted(frame.by_group.iterrows()):
        here = names == group
        rows.append({"group": str(group), **_with_intervals(evidence, here, {r: float(rates[r]) for r in _RATES})})
    return rows


def _accepted_share(selection_rate: Any) -> Any:
    def acceptance_rate(y_true: Any, y_pred: Any) -> float:
        return float(selection_rate(y_true, y_pred, pos_label=0))

    return acceptance_rate


def _with_intervals(evidence: Evidence, here: Any, rates: dict[str, float]) -> dict[str, Any]:
    y, refused = evidence.y[here], evidence.refused[here]
    defaults = int(y.sum())
    bases = dict(zip(_RATES, (y.size, y.size - defaults, defaults), strict=True))
    row: dict[str, Any] = {"members": int(y.size), "defaults": defaults, "accepted": int((~refused).sum())}
    for name, base in bases.items():
        interval = wilson_interval(round(rates[name] * base), base) if base else None
        row[name] = rates[name] if interval else None
        row[f"{name}_low"], row[f"{name}_high"] = (interval.low, interval.high) if interval else (None, None)
    observed = wilson_interval(defaults, y.size)
    predicted = float(evidence.probability[here].mean())
    row |= {"observed": observed.estimate, "observed_low": observed.low, "observed_high": observed.high}
    return row | {"predicted": predicted, "calibrated": observed.low <= predicted <= observed.high}


def _judge(row: dict[str, Any], reference: dict[str, Any] | None, least_members: int) -> None:
    if reference is None or row["members"] < least_members:
        row["verdict"] = "too_few"
        return
    if not reference["accepted"]:
        row["verdict"] = "nobody"
        return
    ratio = impact_ratio(row["accepted"], row["members"], reference["accepted"], reference["members"])
    row["reference"] = reference["group"]
    row["impact_ratio"], row["impact_ratio_low"], row["impact_ratio_high"] = ratio.estimate, ratio.low, ratio.high
    if ratio.estimate >= FOUR_FIFTHS:
        row["verdict"] = "even"
    else:
        row["verdict"] = "adverse" if ratio.high < 1.0 else "watch"


_SCHEMA: dict[str, Any] = {
    "attribute": pl.String,
    "group": pl.String,
    "intersection": pl.Boolean,
    "members": pl.Int64,
    "defaults": pl.Int64,
    "verdict": pl.String,
    **{f"{name}{end}": pl.Float64 for name in (*_RATES, "observed") for end in ("", "_low", "_high")},
    "predicted": pl.Float64,
    "calibrated": pl.Boolean,
    **{f"impact_ratio{end}": pl.Float64 for end in ("", "_low", "_high")},
    "reference": pl.String,
}
