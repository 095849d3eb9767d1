"""What the catalogue says of a metric.

What is here: `Metric`, `Label`, `Kind`, and short ways to write them down.
What to add here: another fact that every metric must state.
What must not be here: metrics, and any library.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "credit_platform_"
"""What every name begins with."""


class Kind(StrEnum):
    """Type of a metric, as Prometheus calls it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A label, and what it may be."""

    name: str
    values: tuple[str, ...] = ()
    """All values there are, where code fixes them; else `source` says where they come from."""
    source: str = ""
    """Where the closed set comes from that is known when the program starts, or what bounds it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One metric."""

    name: str
    """As PromQL names it, of a histogram without `_bucket`."""
    kind: Kind
    help: str
    """A sentence."""
    unit: str
    """`seconds`, `bytes`, `ratio` (0 to 1), `timestamp` (seconds since 1970), `1/0`, or what is counted."""
    labels: tuple[Label, ...] = ()
    blind: str
    """What it does not see."""
    buckets: tuple[float, ...] = ()
    """Upper bounds, of a histogram."""
    workers: str = ""
    """Of a gauge of the service: how those of several living workers become one (`livesum`, `livemin`, `livemax`)."""

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of its labels, in their order."""
        return tuple(label.name for label in self.labels)


def counter(name: str, help: str, unit: str, *labels: Label, blind: str) -> Metric:  # noqa: A002  # Prometheus' word
    """A counter; `name` without the prefix, with `_total`."""
    return Metric(name=PREFIX + name, kind=Kind.COUNTER, help=help, unit=unit, labels=labels, blind=blind)


def gauge(name: str, help: str, unit: str, *labels: Label, blind: str, workers: str = "") -> Metric:  # noqa: A002
    """A gauge; `name` without the prefix."""
    return Metric(
        name=PREFIX + name, kind=Kind.GAUGE, help=help, unit=unit, labels=labels, blind=blind, workers=workers
    )


def histogram(
    name: str,
    help: str,  # noqa: A002  # as above
    unit: str,
    buckets: tuple[float, ...],
    *labels: Label,
    blind: str,
) -> Metric:
    """A histogram; `name` without the prefix."""
    full = PREFIX + name
    return Metric(name=full, kind=Kind.HISTOGRAM, help=help, unit=unit, labels=labels, blind=blind, buckets=buckets)
