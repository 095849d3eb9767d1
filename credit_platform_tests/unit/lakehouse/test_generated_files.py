"""Generated raw files: made where they replace nobody's; `cli/test_generate.py` compares them with the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import GenerationError
from credit_platform.lakehouse.generated_files import generate_raw_files, mark_of
from credit_platform.portfolios.generator import SYNTHETIC_MARKER


def test_generated_files_carry_their_mark_and_may_be_replaced_but_others_not(tmp_path: Path) -> None:
    assert mark_of(tmp_path) is None
    shares: list[float] = []
    generate_raw_files("home_credit", tmp_path, scale=0.001, seed=3, progress=lambda _, share: shares.append(share))
    mark = mark_of(tmp_path)
    assert mark is not None
    assert (mark["scale"], mark["seed"]) == (0.001, 3)
    assert shares[-1] == 1.0
    (tmp_path / SYNTHETIC_MARKER).unlink()
    before = (tmp_path / "bureau.csv").read_bytes()
    with pytest.raises(GenerationError, match="they may be real"):
        generate_raw_files("home_credit", tmp_path, scale=0.001, seed=4)
    assert (tmp_path / "bureau.csv").read_bytes() == before


def test_a_portfolio_without_a_generator_is_said(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match="cannot be generated"):
        generate_raw_files("german_credit", tmp_path, scale=0.001, seed=3)
