"""Is a probability of default that was given compatible with the defaults that came?

What is here: the Jeffreys test and interval for one group of loans, and Holm's adjustment over several groups.
What to add here: another test of one rate.
What must not be here: which loans make a group (`bands.py`).

Sources: European Central Bank, Instructions for reporting the validation results of internal models (2019), section
2.5.3.1 (Jeffreys test of PD by grade); L. Brown, T. Cai, A. DasGupta, Interval estimation for a binomial proportion,
Statistical Science 16 (2001) 101-133; S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian
Journal of Statistics 6 (1979) 65-70.
"""

from __future__ import annotations

from collections.abc import Sequence

from scipy.special import betainc, betaincinv

from credit_platform.modelling.intervals import LEVEL, Interval

_PRIOR = 0.5


def too_low(defaults: int, loans: int, probability: float) -> float:
    """P-value of the hypothesis that the true rate is not above `probability`: small when that was too low.

    It is the posterior probability, after Jeffreys' prior, that the true rate lies below what was given.

    Args:
        defaults: among the loans.
        loans: at least one.
        probability: of default, as it was given, 0 to 1.
    """
    return float(betainc(defaults + _PRIOR, loans - defaults + _PRIOR, probability))


def jeffreys_interval(defaults: int, loans: int, *, level: float = LEVEL) -> Interval:
    """Share of `defaults` among `loans` (at least one) with its Jeffreys interval; at 0 and at 1 it reaches the end."""
    a, b, tail = defaults + _PRIOR, loans - defaults + _PRIOR, (1.0 - level) / 2.0
    low = 0.0 if defaults == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if defaults == loans else float(betaincinv(a, b, 1.0 - tail))
    return Interval(defaults / loans, low, high)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for being several, in the order given: each below 0.05 may be believed at 5% over all."""
    adjusted, running = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = running
    return adjusted
