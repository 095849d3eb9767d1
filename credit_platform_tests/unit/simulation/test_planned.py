"""What a simulation is going to send."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from credit_platform.errors import GenerationError, ServiceError
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.settings import Settings
from credit_platform.simulation.planned import plan

ACCESS = ServiceAccess("german_credit", "http://127.0.0.1:1", "k")


def test_the_same_seed_gives_the_same_applicants_under_names_of_their_own(tmp_path: Path) -> None:
    first, second, other = (plan(Settings(home=tmp_path), access=ACCESS, seed=seed) for seed in (7, 7, 8))
    assert first.portfolio.name == "german_credit"
    assert first.applications > 100
    assert first.run != second.run
    sent = [[body["application"] for body in islice(one.bodies, 5)] for one in (first, second, other)]
    assert sent[0] == sent[1] != sent[2]
    assert next(first.bodies)["applicant_id"].startswith(first.run)


def test_without_a_service_or_a_known_drift_nothing_is_planned(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="No scoring service is running here"):
        plan(Settings(home=tmp_path))
    with pytest.raises(GenerationError, match="meteor"):
        plan(Settings(home=tmp_path), access=ACCESS, drift="meteor")
