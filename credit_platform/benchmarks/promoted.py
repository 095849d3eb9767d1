"""The serving benchmark on what is at hand: the promoted scorer, and applicants out of shipped or generated files.

What is here: `bench_promoted`, which chooses both.
What must not be here: measuring (`serving.py`).
"""

from __future__ import annotations

from pathlib import Path

from credit_platform.benchmarks.etl import raw_files
from credit_platform.benchmarks.result import Benchmark
from credit_platform.benchmarks.serving import bench_serving
from credit_platform.lakehouse.raw_files import is_generated
from credit_platform.portfolios import get_portfolio
from credit_platform.serving.promoted import promoted_scorer
from credit_platform.settings import Settings

SCALE = 0.02
"""Size of generated files from which applicants are taken; their histories are as long as at any size."""


def bench_promoted(
    portfolio: str,
    settings: Settings,
    *,
    scorer: Path | None = None,
    raw: Path | None = None,
    seconds: float,
    rounds: int,
    shadow: Path | None = None,
) -> Benchmark:
    """Measure with the promoted scorer, unless another is given, and the portfolio's files, unless others are given.

    Raises:
        ScorerError: nothing was promoted yet, or a scorer cannot be used.
        GenerationError: there are no files, and the portfolio has no generator.
        BenchmarkError: scoring without HTTP failed.
        ServiceError: a service does not start, or answers with errors only.
    """
    declared = get_portfolio(portfolio)
    folder = raw or declared.bundled_raw or raw_files(portfolio, settings, scale=SCALE, raw=None)[0]
    chosen = scorer or promoted_scorer(portfolio, settings)
    return bench_serving(
        chosen, declared, folder, synthetic=is_generated(folder), seconds=seconds, rounds=rounds, shadow=shadow
    )
