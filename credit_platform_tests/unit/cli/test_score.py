"""`credit-platform score`: what it says of a file that was scored."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform_tests.small_scorer import raw_applications, save_small_scorer
from credit_platform_tests.unit.cli.conftest import Command, words


def test_it_says_what_became_of_the_rows_and_what_the_refused_may_ask_for(command: Command, tmp_path: Path) -> None:
    scorer = save_small_scorer(tmp_path / "scorer")
    rows = raw_applications(scorer.portfolio).head(5).cast(pl.String)
    rows = rows.with_columns(pl.when(pl.row_index() == 3).then(pl.lit("much")).otherwise("amount").alias("amount"))
    rows.write_csv(tmp_path / "in.csv")
    files = ("--input", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out.csv"))
    result = command(
        *("score", "german_credit", *files, "--scorer", str(tmp_path / "scorer")),
        *("--ignore-protected", "--ignore-target"),
    )
    assert result.exit_code == 0, (result.output, result.exception)
    assert f"4 of 5 rows scored by model {scorer.version}: {tmp_path / 'out.csv'}" in words(result)
    assert f"1 rows rejected, each with its rule: {tmp_path / 'out__rejected.csv'}" in words(result)
    assert "Who is refused may ask for a review by a person" in words(result)
    assert "histories" not in result.output
