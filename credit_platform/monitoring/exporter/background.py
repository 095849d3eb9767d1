"""Collectors that look again and again in the background, so that a scrape is served from what they last saw.

What is here: `Sample`, `Collector`, and `Background`, which runs them.
What to add here: nothing that knows one collector.
What must not be here: HTTP (`monitoring/metrics_server.py`), what is read.

Each collector has a thread: one that waits for a database which does not answer keeps no other waiting, and no scrape.
What it saw before is served on, and its age says how old that is; a collector whose silence means something (whether a
database answers) says what is to be served instead.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector as Source

from credit_platform.monitoring.metrics.metric import Kind, Metric
from credit_platform.monitoring.metrics.pipeline import COLLECTOR_AGE, COLLECTOR_DURATION, COLLECTOR_SUCCESS

LOGGER = logging.getLogger("credit_platform.exporter")
LATE_SECONDS = 60.0
"""A look that takes longer counts as failed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A value of a metric of the catalogue."""

    metric: Metric
    labels: tuple[str, ...]
    """In the order of the metric's."""
    value: float


@dataclass(frozen=True, kw_only=True)
class Collector:
    """Something that looks."""

    name: str
    collect: Callable[[], Iterable[Sample]]
    """Look once; whatever it raises counts as a failure of this collector alone."""
    unanswered: tuple[Sample, ...] = ()
    """Served in place of what was seen before while a look is late."""


class _Looking:
    """A collector, and what came of its last look."""

    def __init__(self, collector: Collector, clock: Callable[[], float]) -> None:
        self.collector = collector
        self._clock = clock
        self._samples: tuple[Sample, ...] = ()
        self._read_at = clock()
        self._began: float | None = None
        self._duration = 0.0
        self._succeeded = False
        self._told = ""

    def look(self) -> None:
        """Look once; a failure is logged when it is another one than the last."""
        name = self.collector.name
        self._began = self._clock()
        samples: list[Sample] = []
        try:
            for sample in self.collector.collect():
                samples.append(sample)  # noqa: PERF402  # those that came before a failure are kept
        # A collector may fail for any reason of its library; the others, and the server, must go on.
        except Exception as error:  # noqa: BLE001  # the boundary of a collector
            # What it saw before it failed is newer than what was seen last time; of the rest that stays.
            seen = {(one.metric.name, one.labels) for one in samples}
            self._samples = (*samples, *(s for s in self._samples if (s.metric.name, s.labels) not in seen))
            self._succeeded = False
            told = f"{type(error).__name__}: {error}"
            if told != self._told:
                LOGGER.warning("collector %s failed: %s", name, told)
            self._told = told
        else:
            self._samples, self._succeeded, self._read_at = tuple(samples), True, self._clock()
            if self._told:
                LOGGER.info("collector %s succeeds again", name)
            self._told = ""
        self._duration = self._clock() - self._began
        self._began = None

    def samples(self) -> Iterator[Sample]:
        """What it saw, and how the look itself went."""
        now, began, name = self._clock(), self._began, (self.collector.name,)
        late = began is not None and now - began > LATE_SECONDS
        yield from self.collector.unanswered if late and self.collector.unanswered else self._samples
        yield Sample(COLLECTOR_SUCCESS, name, float(self._succeeded and not late))
        yield Sample(COLLECTOR_AGE, name, max(0.0, now - self._read_at))
        yield Sample(COLLECTOR_DURATION, name, now - began if late and began is not None else self._duration)


class Background(Source):
    """Runs collectors until it is stopped; a source of metrics for a registry of prometheus_client."""

    def __init__(
        self, collectors: Sequence[Collector], seconds: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing looks before `start`.

        Args:
            collectors: with names that differ.
            seconds: from the end of a look to the next one.
            clock: seconds that never go back.
        """
        self._seconds = seconds
        self._over = threading.Event()
        self._looking = [_Looking(one, clock) for one in collectors]

    def start(self) -> None:
        """Look for the first time, and go on."""
        for one in self._looking:
            threading.Thread(target=self._run, args=[one], name=f"collector {one.collector.name}", daemon=True).start()

    def stop(self) -> None:
        """Look no more; a look that has begun is not waited for."""
        self._over.set()

    def look(self) -> None:
        """Let every collector look once, here and now, one after the other."""
        for one in self._looking:
            one.look()

    def samples(self) -> Iterator[Sample]:
        """What all of them saw last."""
        for one in self._looking:
            yield from one.samples()

    def exposition(self) -> bytes:
        """What all of them saw last, in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """What prometheus_client asks of a source: families of metrics, each once."""
        return families(self.samples())

    def _run(self, one: _Looking) -> None:
        while not self._over.is_set():
            one.look()
            self._over.wait(self._seconds)


def families(samples: Iterable[Sample]) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
    """Samples by metric, as prometheus_client writes them."""
    by_metric: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
    for sample in samples:
        metric = sample.metric
        if metric.name not in by_metric:
            kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
            by_metric[metric.name] = kind(metric.name, metric.help, labels=metric.label_names)
        by_metric[metric.name].add_metric(sample.labels, sample.value)
    yield from by_metric.values()
