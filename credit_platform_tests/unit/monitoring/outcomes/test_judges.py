"""What is asked of outcomes that were read."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.monitoring.outcomes.judges import reasons_given


@pytest.mark.parametrize(("reasons", "silent"), [([], 0), (["unknown", "twice"], 0), (["unknown", None, " "], 2)])
def test_rows_without_a_reason_are_counted(reasons: list[str | None], silent: int) -> None:
    verdict = reasons_given(pl.DataFrame({"reason": reasons}, schema={"reason": pl.String}))
    assert verdict.passed == (silent == 0)
    assert verdict.numbers == {"rows": len(reasons), "without_reason": silent}
    assert verdict.warns
