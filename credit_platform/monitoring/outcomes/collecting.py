"""All outcomes of a portfolio: files read, matched, counted and told.

What is here: `collect` and what it returns.
What to add here: nothing that one of its parts could do.
What must not be here: storing, dagster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from credit_platform.monitoring.outcomes.contract import SYNTHETIC
from credit_platform.monitoring.outcomes.log_index import INDEX
from credit_platform.monitoring.outcomes.matching import Matched, match
from credit_platform.monitoring.outcomes.reading import REJECTED, OutcomeRows, read_outcomes
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.portfolios.portfolio import Portfolio


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What is to be stored."""

    outcomes: pl.DataFrame
    """Columns of `matching.OUTCOME`."""
    rejected: pl.DataFrame
    """Columns of `reading.REJECTED`: every row that does not count, with its reason."""
    record: OutcomesRecord
    hashes: dict[str, str]
    """SHA-256 of each file, by name."""

    @property
    def synthetic(self) -> bool:
        """Whether any of it was made up."""
        return self.record.synthetic_rows > 0


def collect(
    portfolio: Portfolio, files: Sequence[Path], indexes: Sequence[pl.DataFrame], *, staging: Path, today: date
) -> Collected:
    """Read `files` and match them to decisions; the same files and logs give the same rows, in any order.

    Args:
        portfolio: whose outcomes.
        files: as from `contract.outcome_files`.
        indexes: the decisions of each log, as from `log_index.log_index`.
        staging: a folder of `Lakehouse.staging`.
        today: the portfolio's day; rows observed later wait for theirs.

    Raises:
        RawFileError: a file as a whole is broken.
    """
    read = read_outcomes(files, staging)
    matched = match(read.rows, pl.concat([pl.DataFrame(schema=INDEX), *indexes]), portfolio, today)
    rejected = pl.concat([read.rejected, matched.rejected]).sort("file", "line")
    return Collected(
        outcomes=matched.outcomes,
        rejected=rejected.select(list(REJECTED)),
        record=_record(len(files), read, matched, rejected),
        hashes=read.hashes,
    )


def _record(files: int, read: OutcomeRows, matched: Matched, rejected: pl.DataFrame) -> OutcomesRecord:
    counts = rejected.group_by("reason").len().sort("len", "reason", descending=[True, False])
    by_reason = {str(reason): int(number) for reason, number in counts.rows()}
    outcomes, newest = matched.outcomes, matched.outcomes["observed_at"].max()
    made_up = int(read.rows[SYNTHETIC].sum()) + int((read.rejected[SYNTHETIC] == "1").sum())
    return OutcomesRecord(
        files=files,
        rows_in=read.rows_in,
        broken=read.rejected.height,
        observations=matched.observations,
        by_reason=by_reason,
        loans=outcomes.height,
        defaults=int(outcomes["defaulted"].sum()),
        synthetic_rows=made_up,
        too_old=matched.too_old,
        newest=str(newest) if newest is not None else None,
        message=_sentence(files, read, matched, by_reason, made_up),
    )


def _sentence(files: int, read: OutcomeRows, matched: Matched, by_reason: dict[str, int], made_up: int) -> str:
    if not files:
        return "No outcomes yet: no file lies in the folder for them."
    loans, defaults = matched.outcomes.height, int(matched.outcomes["defaulted"].sum())
    said = [
        f"{read.rows_in:,} rows of {_counted(files, 'file')}: {matched.observations:,} say what became of "
        f"{_counted(loans, 'loan')}, of which {defaults:,} defaulted."
    ]
    if by_reason:
        said.append(f"Not counted: {'; '.join(f'{number:,} ({reason})' for reason, number in by_reason.items())}.")
    if matched.too_old:
        said.append(f"{_counted(matched.too_old, 'row')} with more months on book than have passed since the decision.")
    if made_up:
        said.append(f"Of them {_counted(made_up, 'row')} are synthetic: made up by a simulation.")
    return " ".join(said)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
