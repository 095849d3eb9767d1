"""Helm 3 makes the same of the chart as Helm 4, and refuses the same."""

from __future__ import annotations

import subprocess

import pytest

from credit_platform_tests.unit.chart.rendered import DEV, EVERYTHING, ON, PROD, helm3, parsed, text_of
from scripts.chart.helm import CHART, render

ALL = {
    "dev": (DEV, (ON,)),
    "dev, over plain HTTP": (DEV, (ON, "ingress.enabled=true", "ingress.allowPlain=true")),
    "staging": (("values-staging.yaml", "ci/digests.yaml"), (ON,)),
    "prod, small": ((*PROD, "values-prod-small.yaml"), (ON,)),
    "everything": (EVERYTHING, ()),
}


def test_it_is_helm_3() -> None:
    said = subprocess.run([helm3(), "version", "--short"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("v3.")


@pytest.mark.parametrize("name", ALL)
def test_the_objects_are_the_same(name: str) -> None:
    files, sets = ALL[name]
    with_3 = render(helm3(), [CHART / file for file in files], sets=sets)
    assert parsed(with_3) == parsed(text_of(*files, sets=sets))


def test_lint_has_nothing_to_say() -> None:
    values = [word for file in EVERYTHING for word in ("--values", str(CHART / file))]
    done = subprocess.run([helm3(), "lint", "--strict", CHART, *values], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("servce=1", "servce"),
        ("postgresql.enabled=false", "No database is named. Set database.host, or postgresql.enabled=true"),
    ],
)
def test_what_helm_4_refuses_is_refused_in_the_same_words(change: str, said: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as raised:
        render(helm3(), [CHART / file for file in DEV], sets=(change,))
    assert said in raised.value.stderr
