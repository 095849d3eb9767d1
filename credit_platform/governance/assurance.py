"""What the gate asks beside performance: is the model sound, fair, explainable, and is this the evidence of this model?

What is here: `Assurance`, the measured facts, and one check for each of them.
What to add here: a fact as a field of `Assurance`, with the check that reads it in `ASSURANCE_CHECKS`.
What must not be here: measuring (the modules that the assets call do), performance against costs (`gate.py`).

The checks
    evidence_matches    Every document and audit before the gate was made for this very scorer, on the feature table it
                        was trained on. Otherwise the gate would judge one model by the papers of another.
    folds_usable        Every fold holds both outcomes: cross-fitted figures of a fold with one outcome mean nothing.
    no_leak             No feature alone reaches an AUC of `LEAK_AUC`, unless there are too few defaults to tell it from
                        an honest one; none has more of all contributions than `most_of_contributions`.
                        None that is strong alone stands apart from all others once the outcome is known
                        (`independence`). A copy of the outcome with noise shows in one of these. Such a model is good
                        on every figure, the holdout's included, and worthless for applicants to come.
    features_vary       No feature of the model is constant. Advice: a constant feature harms no decision, but something
                        upstream broke or can be dropped.
    scores_stable       PSI of the scores between training (out of fold) and holdout is no shift.
    features_stable     The same for the strongest features.
    features_keep_sign  No strong feature raises the risk in training and lowers it in the holdout.
    reasons_exhaustive  Every feature of the model has a reason in both languages.
    reasons_true        No sentence that applicants of the holdout and of the scoring table are told, with and without
                        histories, is contradicted by their raw rows, and each one's claim is declared
                        (`portfolios/<name>/claims`).
    contributions_add_up  Contributions add up to the score, but for rounding.
    scorer_parity       Single requests from raw rows get the batch's scores and decisions.
    scoring_latency     95% of single requests are answered within `LATENCY_MILLISECONDS`: a bound against a model that
                        cannot serve, not a benchmark, so that a busy machine does not refuse a good model.
    fairness            No group is below four fifths of the best-off beyond chance; blocks or advises as the
                        portfolio says.
    approval            Where the policy of the portfolio or of the home asks for it: a person approved this scorer by
                        name, another one than who trained it if it asks for that (`approval.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from credit_platform.governance.approval import NO_APPROVAL, PolicyInForce
from credit_platform.governance.decision import Finding
from credit_platform.governance.stability import Shift

LEAK_AUC = 0.80
"""Stricter than the check of the feature table, because a model is about to rely on it: the strongest honest features
of our portfolios reach 0.71 and 0.73. A copy of the outcome (0 or 1) with normal noise of spread 0.8 reaches it."""
LEAK_LEAST = 0.73
"""What the strongest honest feature reaches. Where the interval of an AUC of `LEAK_AUC` reaches below it, there are too
few defaults to refuse a model for it."""
DOMINANT_SHARE = 0.35
"""The strongest honest features have a tenth; a copy with noise of spread 0.5 has a third."""
_EVEN_SHARES = 2.0
"""Times its even share that a feature of a small model may have."""
LATENCY_MILLISECONDS = 250.0
LARGEST_GAP = 1e-6
"""Of contributions against log-odds: models that add in float32 leave less."""


@dataclass(frozen=True, kw_only=True)
class Assurance:
    """Measured facts about a challenger; each is read by one check."""

    digests: Mapping[str, str]
    """Scorer that each piece of evidence was made for, by the evidence's name."""
    data_hashes: Mapping[str, str]
    """Content hash of the feature table behind each piece of evidence, by its name."""
    fold_outcomes: Mapping[int, tuple[int, int]]
    """Defaults and repaid loans of each fold; -1 is the holdout."""
    strongest_alone: tuple[str, float]
    """The feature that separates best alone, and its AUC."""
    alone_interval: tuple[float, float] | None = None
    """Interval of that AUC, wide enough for having picked the best; None where it was not measured."""
    dominant: tuple[str, float]
    """The feature with the largest share of all contributions, and the share."""
    dominant_by_chance: bool = False
    """Whether so few applicants are there that this feature alone cannot be told from chance: it knows no outcome."""
    constant_features: tuple[str, ...]
    features: int
    """Number of features of the model."""
    unrelated: tuple[str, ...] = ()
    """Strong features that say nothing of any other once the outcome is known, each with its AUC and interval."""
    unexplained_features: tuple[str, ...]
    """Features of the model without a reason in French and English."""
    answers_checked: int
    """Answers whose sentences were held against the raw rows."""
    untrue_reasons: tuple[str, ...]
    """A sentence per text that was false of somebody, or whose claim is not declared."""
    largest_gap: float
    """Largest distance of the sum of contributions from the log-odds."""
    score_shift: Shift
    feature_shifts: tuple[Shift, ...]
    flipped_features: tuple[str, ...]
    parity_applicants: int
    parity_differing: tuple[str, ...]
    """Applicants whose single score differs from the batch's."""
    p95_milliseconds: float
    adverse_groups: tuple[str, ...]
    """A sentence per group below four fifths beyond chance."""
    watched_groups: tuple[str, ...]
    """A sentence per group below four fifths where chance could explain it."""
    small_groups: tuple[str, ...]
    """Groups too small to be judged."""
    fairness_severity: Literal["block", "warn"]
    approval: PolicyInForce = NO_APPROVAL
    """What it takes to promote this scorer."""
    approved_by: str | None = None
    """Who approved it as that asks for, when and why; None when nobody did."""


def _evidence_matches(given: Assurance) -> Finding:
    wrong = [
        f"{kind} of {', '.join(f'{name} {value[:12]}' for name, value in values.items())}"
        for kind, values in (("scorer", given.digests), ("feature table", given.data_hashes))
        if len(set(values.values())) > 1
    ]
    pieces = len(given.digests)
    message = (
        f"All {pieces} pieces of evidence were made for this scorer and its feature table."
        if not wrong
        else f"The evidence is not of one model: {'; '.join(wrong)} differ. Materialise the governance assets again."
    )
    return Finding(passed=not wrong, value=float(len(wrong)), bound=0.0, message=message)


def _folds_usable(given: Assurance) -> Finding:
    one_sided = [fold for fold, counts in given.fold_outcomes.items() if min(counts) == 0]
    message = (
        f"Each of the {len(given.fold_outcomes)} parts (folds, and -1 the holdout) holds defaults and repaid loans."
        if not one_sided
        else f"Folds {', '.join(map(str, one_sided))} hold one outcome only, so no figure measured on them counts."
    )
    return Finding(passed=not one_sided, value=float(len(one_sided)), bound=0.0, message=message)


def most_of_contributions(features: int) -> float:
    """Share of all contributions that one of so many features may have: of two features one may well have most."""
    return max(DOMINANT_SHARE, _EVEN_SHARES / max(features, 1))


def _no_leak(given: Assurance) -> Finding:
    alone, auc = given.strongest_alone
    low, high = given.alone_interval or (auc, auc)
    name, share = given.dominant
    most = most_of_contributions(given.features)
    reached = f"{auc:.3f} (interval {low:.2f} to {high:.2f})" if given.alone_interval else f"{auc:.3f}"
    if auc >= LEAK_AUC and low > LEAK_LEAST:
        message = (
            f"{alone} alone reaches an AUC of {reached}: it knows the outcome. Remove it or prove when it is known."
        )
        return Finding(passed=False, value=auc, bound=LEAK_AUC, message=message)
    if share > most and not given.dominant_by_chance:
        message = (
            f"{name} has {share:.0%} of all contributions, of {given.features} features at most {most:.0%} are "
            "allowed: look whether it knows the outcome, and remove it if it does."
        )
        return Finding(passed=False, value=share, bound=most, message=message)
    if given.unrelated:
        message = (
            f"Strong alone: {_listed(given.unrelated)}; yet related to no other feature once the outcome is known, as "
            "a copy of the outcome with noise would be. Prove when it is known, or remove it."
        )
        return Finding(passed=False, value=float(len(given.unrelated)), bound=0.0, message=message)
    largest = f"the largest share of contributions has {name} ({share:.0%})"
    if share > most:
        largest += ", which alone is no better than chance: the model found little in any feature"
    if auc >= LEAK_AUC:
        message = (
            f"{alone} alone reaches an AUC of {reached}; with so few defaults an honest feature may do so by chance. "
            f"Look when it is known, and judge again with more outcomes. Of all features {largest}."
        )
        return Finding(passed=True, value=auc, bound=LEAK_AUC, message=message)
    message = f"No feature tells too much: the strongest alone is {alone} (AUC {reached}), {largest}."
    return Finding(passed=True, value=auc, bound=LEAK_AUC, message=message)


def _features_vary(given: Assurance) -> Finding:
    constant = given.constant_features
    message = (
        f"All {given.features} features vary."
        if not constant
        else f"{_listed(constant)} constant; it harms no decision, but find out why, or drop it."
    )
    return Finding(passed=not constant, value=float(len(constant)), bound=0.0, message=message)


def _scores_stable(given: Assurance) -> Finding:
    return _stable((given.score_shift,), "The scores")


def _features_stable(given: Assurance) -> Finding:
    return _stable(given.feature_shifts, f"The {len(given.feature_shifts)} strongest features")


def _stable(shifts: tuple[Shift, ...], what: str) -> Finding:
    worst = max(shifts, key=lambda one: one.psi / one.bound, default=None)
    if worst is None:
        return Finding(passed=False, value=None, bound=None, message=f"{what} were not measured.")
    shifted = [one for one in shifts if one.shifted]
    message = (
        f"{what} are distributed alike in training and holdout (largest PSI {worst.psi:.3f}, {worst.name})."
        if not shifted
        else "Training and holdout differ in "
        + ", ".join(f"{one.name} (PSI {one.psi:.3f}, allowed {one.bound:.3f})" for one in shifted)
        + ": the holdout says nothing of the applicants trained on."
    )
    return Finding(passed=not shifted, value=worst.psi, bound=worst.bound, message=message)


def _features_keep_sign(given: Assurance) -> Finding:
    flipped = given.flipped_features
    message = (
        "No strong feature points one way in training and the other way in the holdout."
        if not flipped
        else f"The meaning of {_listed(flipped)} flipped: higher values go with defaults on one side and with "
        "repayment on the other. Look for a change of coding."
    )
    return Finding(passed=not flipped, value=float(len(flipped)), bound=0.0, message=message)


def _reasons_exhaustive(given: Assurance) -> Finding:
    missing = given.unexplained_features
    message = (
        f"All {given.features} features of the model have a reason in French and English."
        if not missing
        else f"No reason an applicant could be told exists for {_listed(missing)}. Declare its family in the portfolio."
    )
    return Finding(passed=not missing, value=float(len(missing)), bound=0.0, message=message)


def _reasons_true(given: Assurance) -> Finding:
    untrue, answers = given.untrue_reasons, given.answers_checked
    message = (
        f"No sentence in {answers} answers is contradicted by the raw rows of the person it was said to."
        if answers and not untrue
        else f"{len(untrue)} sentences are not true of everybody who was told them, in {answers} answers looked at: "
        f"{' '.join(untrue[:_MOST_LISTED])} Mend the wording's condition in the portfolio's reasons, or its claim."
    )
    return Finding(passed=answers > 0 and not untrue, value=float(len(untrue)), bound=0.0, message=message)


def _contributions_add_up(given: Assurance) -> Finding:
    passed = given.largest_gap <= LARGEST_GAP
    verdict = "as they must" if passed else "so reasons would explain another score"
    message = f"Contributions and log-odds differ by {given.largest_gap:.1e} at most, {verdict}."
    return Finding(passed=passed, value=given.largest_gap, bound=LARGEST_GAP, message=message)


def _scorer_parity(given: Assurance) -> Finding:
    differing, asked = given.parity_differing, given.parity_applicants
    passed = asked > 0 and not differing
    message = (
        f"{asked} applicants scored alone, from raw rows, got the batch's probabilities and decisions."
        if passed
        else f"{len(differing)} of {asked} applicants scored alone got other answers than in the batch: "
        f"{_listed(differing)}."
    )
    return Finding(passed=passed, value=float(len(differing)), bound=0.0, message=message)


def _scoring_latency(given: Assurance) -> Finding:
    took = given.p95_milliseconds
    passed = took <= LATENCY_MILLISECONDS
    message = f"95% of single requests took at most {took:.1f} ms with reasons, allowed {LATENCY_MILLISECONDS:.0f} ms."
    return Finding(passed=passed, value=took, bound=LATENCY_MILLISECONDS, message=message)


def _fairness(given: Assurance) -> Finding:
    small = f" Too small to judge: {', '.join(given.small_groups)}." if given.small_groups else ""
    watched = f" Below four fifths, but within chance: {' '.join(given.watched_groups)}" if given.watched_groups else ""
    if not given.adverse_groups:
        message = f"No group is below four fifths of the best-off beyond chance.{watched}{small}"
    else:
        message = f"Below four fifths beyond chance: {' '.join(given.adverse_groups)}{watched}{small}"
    found = len(given.adverse_groups)
    return Finding(passed=not found, value=float(found), bound=0.0, message=message)


def _approval(given: Assurance) -> Finding:
    told = f"{given.approval.policy.sentence} {given.approval.basis}"
    if not given.approval.policy.required:
        return Finding(passed=True, value=None, bound=None, message=told)
    if given.approved_by:
        return Finding(passed=True, value=None, bound=None, message=f"Approved by {given.approved_by}.")
    message = f"{told} Nobody has as that asks: credit-platform approve <portfolio> --by NAME --reason TEXT."
    return Finding(passed=False, value=None, bound=None, message=message)


_MOST_LISTED = 5


def _listed(names: tuple[str, ...], most: int = _MOST_LISTED) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


ASSURANCE_CHECKS: Mapping[str, Callable[[Assurance], Finding]] = {
    "evidence_matches": _evidence_matches,
    "folds_usable": _folds_usable,
    "no_leak": _no_leak,
    "features_vary": _features_vary,
    "scores_stable": _scores_stable,
    "features_stable": _features_stable,
    "features_keep_sign": _features_keep_sign,
    "reasons_exhaustive": _reasons_exhaustive,
    "reasons_true": _reasons_true,
    "contributions_add_up": _contributions_add_up,
    "scorer_parity": _scorer_parity,
    "scoring_latency": _scoring_latency,
    "fairness": _fairness,
    "approval": _approval,
}

NEVER_OVERRIDDEN = frozenset(
    {"evidence_matches", "reasons_exhaustive", "reasons_true", "contributions_add_up", "scorer_parity"}
)
"""Failing one of these means that the artefact or its evidence is wrong: no person's judgement can mend that."""


def advises(name: str, fairness_severity: Literal["block", "warn"]) -> bool:
    """Whether failing check `name` is noted but does not refuse the promotion."""
    return name == "features_vary" or (name == "fairness" and fairness_severity == "warn")
