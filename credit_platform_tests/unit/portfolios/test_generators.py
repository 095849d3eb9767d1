"""Which portfolios can generate their raw files, and what becomes of one that cannot."""

from __future__ import annotations

import pytest

from credit_platform.errors import GenerationError, UnknownPortfolioError
from credit_platform.portfolios import get_fidelity, get_generator, has_generator
from credit_platform.portfolios.generator import SYNTHETIC_MARKER
from credit_platform.portfolios.home_credit import generator


def test_a_generator_is_found_by_its_folder() -> None:
    found = get_generator("home_credit")
    assert found.generate is generator.generate
    assert found.drifts == generator.DRIFTS
    assert found.defects == generator.DEFECTS


def test_the_generator_leaves_the_mark_that_the_platform_looks_for() -> None:
    assert generator.MARKER == SYNTHETIC_MARKER


def test_a_portfolio_without_one_names_those_that_have_one() -> None:
    assert not has_generator("german_credit")
    with pytest.raises(GenerationError, match=r"German Credit cannot be generated\..*home_credit"):
        get_generator("german_credit")


def test_an_unknown_portfolio_has_none() -> None:
    assert not has_generator("toy")
    with pytest.raises(UnknownPortfolioError, match="toy"):
        get_generator("toy")


def test_the_statistics_of_real_files_are_known_or_said_not_to_be() -> None:
    assert callable(get_fidelity("home_credit").compare)
    with pytest.raises(GenerationError, match="German Credit are not known"):
        get_fidelity("german_credit")
