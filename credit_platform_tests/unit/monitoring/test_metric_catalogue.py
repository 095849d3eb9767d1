"""The one list of metrics, and the page that is made of it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from credit_platform.monitoring.metric_catalogue import CATALOGUE, OF_EXPORTER, catalogue_page
from credit_platform.monitoring.metrics.metric import Kind, Metric
from credit_platform.monitoring.metrics.service import SERVICE
from scripts.write_metrics_page import PAGE

RESERVED = {"job", "instance", "le", "quantile"}
PERSONAL = re.compile(r"applicant|client|key|customer|name_of|email")
EVERY = [pytest.param(metric, id=metric.name) for metric in CATALOGUE.values()]


def test_the_page_is_made_of_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == catalogue_page(), "run: python -m scripts.write_metrics_page"


def test_every_name_is_there_once() -> None:
    assert len(CATALOGUE) == len(SERVICE) + len(OF_EXPORTER)


@pytest.mark.parametrize("metric", EVERY)
def test_a_metric_says_everything_about_itself(metric: Metric) -> None:
    assert re.fullmatch(r"credit_platform_[a-z][a-z0-9_]*", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert metric.help.endswith(".")
    assert metric.unit
    assert metric.blind
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert metric.unit != "seconds" or "seconds" in metric.name
    assert metric.unit != "timestamp" or metric.name.endswith("_timestamp_seconds")
    assert metric.unit != "bytes" or metric.name.endswith("_bytes")


@pytest.mark.parametrize("metric", EVERY)
def test_labels_are_bounded_and_nobodys(metric: Metric) -> None:
    for label in metric.labels:
        assert bool(label.values) != bool(label.source), "either all values, or where they come from"
        assert label.name not in RESERVED
        assert not PERSONAL.search(label.name)


def test_the_catalogue_needs_nothing_but_python() -> None:
    code = (
        "import sys; import credit_platform.monitoring.metric_catalogue; "
        "print({n.partition('.')[0] for n in sys.modules} - set(sys.stdlib_module_names) - {'credit_platform'})"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(PAGE.parents[1])!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() in ("set()", "{'__main__'}")
