"""Series for promtool's unit tests: the labels are those of a recording of the real programs, the values a story.

`Line.of` finds a series in a recording and tells its values from then on. What no program sends cannot be told: a
name or a label that is in no recording is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

from prometheus_client.parser import text_string_to_metric_families

from credit_platform_tests.recordings import OWN, RECORDED


@cache
def recorded() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Every series of the recordings of our own programs: its name and its labels."""
    return tuple(
        (sample.name, tuple(sorted((name, value) for name, value in sample.labels.items() if value)))
        for file in OWN
        for family in text_string_to_metric_families((RECORDED / file).read_text(encoding="utf-8"))
        for sample in family.samples
    )


def selector(name: str, labels: Sequence[tuple[str, str]]) -> str:
    """A series as promtool writes it."""
    matchers = ",".join(f'{label}="{value}"' for label, value in labels)
    return f"{name}{{{matchers}}}"


@dataclass
class Line:
    """One series and its values, a sample each step of its case."""

    series: str
    values: list[str] = field(default_factory=list)
    last: float = 0.0

    @classmethod
    def of(cls, name: str, **labels: str) -> Self:
        """The one recorded series of that name that has these labels."""
        found = [own for known, own in recorded() if known == name and labels.items() <= dict(own).items()]
        assert found, f"no recording has {name} with {labels}"
        return cls(selector(name, found[0]))

    @classmethod
    def every(cls, name: str, **labels: str) -> list[Self]:
        """All recorded series of that name that have these labels."""
        found = [own for known, own in recorded() if known == name and labels.items() <= dict(own).items()]
        assert found, f"no recording has {name} with {labels}"
        return [cls(selector(name, own)) for own in found]

    def at(self, value: float, steps: int) -> Self:
        """The same value for `steps` samples."""
        self.values.append(f"{value!r}x{steps - 1}")
        self.last = value
        return self

    def grow(self, by: float, steps: int) -> Self:
        """A counter that grows `by` each sample, from where it is."""
        self.values.append(f"{self.last + by!r}{by:+}x{steps - 1}")
        self.last += by * steps
        return self

    def gone(self, steps: int) -> Self:
        """No sample for `steps`."""
        self.values.append(f"_x{steps}")
        return self

    def told(self) -> dict[str, str]:
        """As a test file of promtool has it."""
        return {"series": self.series, "values": " ".join(self.values)}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What was told, and how many alerts of one name fire at a minute."""

    alert: str
    told: str
    lines: list[Line]
    minute: int
    firing: int
    step: str = "1m"
    """Between two samples and two evaluations."""

    def group(self) -> dict[str, Any]:
        """As a test file of promtool has it; an empty answer is told as 0."""
        count = f'count(ALERTS{{alertname="{self.alert}",alertstate="firing"}}) or vector(0)'
        return {
            "name": f"{self.alert}: {self.told}",
            "interval": self.step,
            "input_series": [line.told() for line in self.lines],
            "promql_expr_test": [
                {
                    "expr": count,
                    "eval_time": f"{self.minute}m",
                    "exp_samples": [{"labels": "{}", "value": self.firing}],
                }
            ],
        }
