"""The gate: may this challenger become the champion?

What is here: `evaluate_gate`, a pure function of the evidence, and its checks, one function each.
What to add here: a check of performance, as a function of `GateInput` in `_CHECKS`; of anything else in `assurance.py`.
What must not be here: acting on the answer, reading or writing anything, the clock.

The evidence
    `development` holds the out-of-fold scores of the training applicants, `holdout` those of applicants that no
    fitting, tuning or choosing saw. The holdout alone is unbiased, but small: on 200 applicants with 60 defaults the
    standard error of an AUC is 0.035, that of a cost (5 : 1) difference 0.09. Development is four times larger and out
    of fold, but its model was chosen on it. So whether the model is good enough at all is judged on both together
    ("pooled"), and whether that holds for fresh applicants is judged on the holdout.

The checks, and how often chance alone would refuse a decent model (cost 0.53 where refusing all costs 0.70, AUC 0.79,
200 applicants held out)
    enough_outcomes            The holdout has at least 25 of either outcome: below that nothing here means anything.
    beats_accept_all, beats_refuse_all
                               Holdout cost is below that of the trivial rule; the estimate only, because asking for
                               significance on 200 applicants would refuse half of all decent models. About 3%.
    cost_evidence              Pooled cost is below that of the cheaper trivial rule beyond chance (95%, one-sided,
                               paired bootstrap). Below 1%. This is what stops luck from passing the two before it.
    auc_floor                  Lower end of the 95% DeLong interval of the pooled AUC is at or above the portfolio's
                               floor. Below 1%.
    auc_holds                  Holdout AUC is not below development AUC by more than 0.02 and beyond chance (99%,
                               one-sided). 1%. A feature whose meaning changed, or a leak in the folds, shows here.
    calibration_slope          The 95% interval of Cox's slope on the holdout lies above 0 and meets 0.8 to 1.25. Below
                               1%; a model twice as sure as it should be has slope 0.5 and is refused.
    calibration_level          Mean predicted probability on the holdout lies in the 99% Wilson interval of the default
                               rate, or within a tenth of that rate (on much data every difference is significant). 1%.
    not_worse_than_champion    Refused if the holdout cost exceeds the champion's by more than a fiftieth and at least
                               80% of paired bootstrap resamples agree. Keeping the champion is the safe error, hence
                               80% and not 95%. An equal challenger always passes, one that is equal only in truth is
                               refused at most one time in five. AUC has no say: the lender pays costs.

    These checks block, and so do those of `assurance.py`, which ask whether the model is sound, fair and explainable
    (two of them may advise). Simulated on 800 + 200 applicants (a test repeats it): at most one decent first model in
    twenty is refused by chance; a constant model, random scores and a feature that flips in the holdout always are;
    probabilities twice too extreme 19 times in 20; a model of AUC 0.66, cost 0.66 against 0.69, as often.

Sources: as in `modelling.intervals` and `modelling.calibration`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from statistics import NormalDist

import numpy as np

from credit_platform.errors import ModellingError
from credit_platform.governance.assurance import ASSURANCE_CHECKS, advises
from credit_platform.governance.decision import Finding, GateCheck, PromotionDecision
from credit_platform.governance.evidence import Evidence, GateInput
from credit_platform.modelling.calibration import calibration_slope_intercept, wilson_interval
from credit_platform.modelling.intervals import auc_error, auc_interval, paired_bootstrap
from credit_platform.modelling.metrics import Floats, applicant_costs, roc_auc
from credit_platform.portfolios.economics import CostMatrix

LEAST_OUTCOMES = 25
AUC_DROP = 0.02
SLOPE_BOUNDS = (0.8, 1.25)
LEVEL_TOLERANCE = 0.10
COST_TOLERANCE = 0.02
CHAMPION_CONFIDENCE = 0.80
_COST_CONFIDENCE = 0.95
_ONE_PERCENT = NormalDist().inv_cdf(0.99)


def evaluate_gate(given: GateInput) -> PromotionDecision:
    """Judge the challenger; equal input gives an equal decision.

    A figure that cannot be computed (all scores equal, one outcome only) fails its check with a message that says so.
    """
    return PromotionDecision(
        portfolio=given.portfolio.name,
        challenger=given.challenger,
        champion=given.champion,
        checks=(
            *(_run(name, check, given) for name, check in _CHECKS.items()),
            *(_assured(name, given) for name in ASSURANCE_CHECKS),
        ),
        decided_by=given.decided_by,
        decided_at=given.decided_at,
        run_id=given.run_id,
        digests=given.digests,
    )


def _run(name: str, check: Callable[[GateInput], Finding], given: GateInput) -> GateCheck:
    try:
        found = check(given)
    except ModellingError as error:
        found = Finding(passed=False, value=None, bound=None, message=str(error))
    return GateCheck(name=name, blocking=True, **asdict(found))


def _assured(name: str, given: GateInput) -> GateCheck:
    found = ASSURANCE_CHECKS[name](given.assurance)
    return GateCheck(name=name, blocking=not advises(name, given.assurance.fairness_severity), **asdict(found))


def _enough_outcomes(given: GateInput) -> Finding:
    defaults = int(given.holdout.y.sum())
    repaid = given.holdout.y.size - defaults
    fewest = min(defaults, repaid)
    passed = fewest >= LEAST_OUTCOMES
    verdict = "enough to judge a model" if passed else f"fewer than the {LEAST_OUTCOMES} of each that it takes to judge"
    message = f"The holdout has {defaults} defaults and {repaid} repaid loans, {verdict}."
    if not passed:
        loans = given.development.y.size + given.holdout.y.size
        wanted = f"about {loans * LEAST_OUTCOMES / fewest:,.0f} loans" if fewest else "many more loans"
        message += f" It takes {wanted} like these {loans:,}; let people decide until then."
    return Finding(passed=passed, value=fewest, bound=LEAST_OUTCOMES, message=message)


def _beats_accept_all(given: GateInput) -> Finding:
    return _beats(given, "accepting everybody", refused=False)


def _beats_refuse_all(given: GateInput) -> Finding:
    return _beats(given, "refusing everybody", refused=True)


def _beats(given: GateInput, rule: str, *, refused: bool) -> Finding:
    costs = given.portfolio.costs
    cost = float(given.holdout.costs(costs).mean())
    trivial = float(_trivial_costs(given.holdout, costs, refused=refused).mean())
    passed = cost < trivial
    verdict = "less than" if passed else "no less than"
    message = f"On the holdout the challenger costs {cost:.3f} per applicant, {verdict} {rule} ({trivial:.3f})."
    return Finding(passed=passed, value=cost, bound=trivial, message=message)


def _cost_evidence(given: GateInput) -> Finding:
    costs, pooled = given.portfolio.costs, given.pooled
    trivial = min((_trivial_costs(pooled, costs, refused=refused) for refused in (False, True)), key=np.mean)
    level = 2.0 * _COST_CONFIDENCE - 1.0  # both ends of this interval leave 5% outside
    saving = paired_bootstrap(pooled.costs(costs), trivial, level=level, seed=given.seed)
    passed = saving.high < 0.0
    message = (
        f"Over all {pooled.y.size} out-of-sample applicants the challenger's cost less that of the best trivial rule "
        f"is {saving.difference:.3f} per applicant, at most {saving.high:.3f} with 95% confidence: "
        f"{'a saving beyond chance' if passed else 'no saving that chance could not explain'}."
    )
    return Finding(passed=passed, value=saving.high, bound=0.0, message=message)


def _auc_floor(given: GateInput) -> Finding:
    floor = given.portfolio.auc_floor
    auc = auc_interval(given.pooled.y, given.pooled.probability)
    passed = auc.low >= floor
    verdict = "clears" if passed else "does not clear"
    message = f"The out-of-sample AUC is {auc}; the lower end {verdict} the floor of {floor:.3f}."
    return Finding(passed=passed, value=auc.low, bound=floor, message=message)


def _auc_holds(given: GateInput) -> Finding:
    development, holdout = given.development, given.holdout
    before, after = (roc_auc(one.y, one.probability) for one in (development, holdout))
    errors = [auc_error(one.y, one.probability) for one in (development, holdout)]
    least = before - max(AUC_DROP, _ONE_PERCENT * float(np.hypot(errors[0], errors[1])))
    passed = after >= least
    verdict = (
        "a difference that chance allows" if passed else "more than chance allows: look for a leak or changed data"
    )
    message = (
        f"The AUC is {before:.3f} in cross-validation and {after:.3f} on the holdout (at least {least:.3f} needed), "
        f"{verdict}."
    )
    return Finding(passed=passed, value=after, bound=least, message=message)


def _calibration_slope(given: GateInput) -> Finding:
    slope = calibration_slope_intercept(given.holdout.y, given.holdout.probability).slope_interval()
    low, high = SLOPE_BOUNDS
    faults = {
        "it cannot be told from 0, where scores say nothing": slope.low <= 0.0,
        "the probabilities are too extreme, as after overfitting": slope.high < low,
        "the probabilities are too timid": slope.low > high,
    }
    fault = next((text for text, found in faults.items() if found), None)
    return Finding(
        passed=fault is None,
        value=slope.estimate,
        bound=high if slope.low > high else low,
        message=f"The calibration slope on the holdout is {slope}, allowed {low} to {high}: "
        f"{fault or 'its interval meets that range'}.",
    )


def _calibration_level(given: GateInput) -> Finding:
    y = given.holdout.y
    predicted = float(given.holdout.probability.mean())
    observed = wilson_interval(int(y.sum()), y.size, level=0.99)
    tolerance = LEVEL_TOLERANCE * observed.estimate
    low, high = min(observed.low, observed.estimate - tolerance), max(observed.high, observed.estimate + tolerance)
    passed = low <= predicted <= high
    message = (
        f"The mean predicted probability on the holdout is {predicted:.3f}, the default rate {observed.estimate:.3f}; "
        f"{'within' if passed else 'outside'} the allowed {low:.3f} to {high:.3f}."
    )
    return Finding(
        passed=passed, value=predicted, bound=low if predicted < observed.estimate else high, message=message
    )


def _not_worse_than_champion(given: GateInput) -> Finding:
    if given.champion_holdout is None:
        return Finding(
            passed=True,
            value=None,
            bound=None,
            message="There is no champion yet, so the challenger need not be compared with one.",
        )
    if given.champion is not None and given.champion.digest == given.challenger.digest:
        message = f"The challenger is the champion ({given.champion}), so nothing changes."
        return Finding(passed=True, value=0.0, bound=0.0, message=message)
    costs = given.portfolio.costs
    ours, theirs = given.holdout.costs(costs), given.champion_holdout.costs(costs)
    gap = paired_bootstrap(ours, theirs, seed=given.seed)
    tolerance = COST_TOLERANCE * float(theirs.mean())
    worse = gap.difference > tolerance and gap.probability_above_zero >= CHAMPION_CONFIDENCE
    message = (
        f"On the same holdout the challenger costs {ours.mean():.3f} per applicant and the champion ({given.champion}) "
        f"{theirs.mean():.3f}; it is dearer in {gap.probability_above_zero:.0%} of resamples, so it counts as "
        f"{'worse' if worse else 'not worse'}{_auc_remark(given, worse=worse)}."
    )
    return Finding(passed=not worse, value=gap.difference, bound=tolerance, message=message)


def _auc_remark(given: GateInput, *, worse: bool) -> str:
    """Why a better AUC does not help a challenger that costs more."""
    champion = given.champion_holdout
    if champion is None or not worse:
        return ""
    ours, theirs = (roc_auc(one.y, one.probability) for one in (given.holdout, champion))
    return f", although its AUC is higher ({ours:.3f} against {theirs:.3f})" if ours > theirs else ""


def _trivial_costs(evidence: Evidence, costs: CostMatrix, *, refused: bool) -> Floats:
    return applicant_costs(evidence.y, np.full(evidence.y.size, refused), costs)


_CHECKS: Mapping[str, Callable[[GateInput], Finding]] = {
    "enough_outcomes": _enough_outcomes,
    "beats_accept_all": _beats_accept_all,
    "beats_refuse_all": _beats_refuse_all,
    "cost_evidence": _cost_evidence,
    "auc_floor": _auc_floor,
    "auc_holds": _auc_holds,
    "calibration_slope": _calibration_slope,
    "calibration_level": _calibration_level,
    "not_worse_than_champion": _not_worse_than_champion,
}
CHECK_NAMES = (*_CHECKS, *ASSURANCE_CHECKS)
"""Names of the checks, in the order of the record."""
