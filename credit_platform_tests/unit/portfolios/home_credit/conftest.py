"""Small generated files, made once for all tests of the portfolio."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.portfolios.home_credit.generator import GenerationReport, generate


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> GenerationReport:
    folder: Path = tmp_path_factory.mktemp("home_credit")
    return generate(folder, scale=0.02, seed=7)
