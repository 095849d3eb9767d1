"""The reference is made once."""

from __future__ import annotations

import pytest

from credit_platform.monitoring.drift.reference import NONE, Reference
from credit_platform_tests.unit.monitoring.drift.made_up import people, reference_of


@pytest.fixture(scope="session")
def reference() -> Reference:
    return reference_of({NONE: people(20_000, 1)})
