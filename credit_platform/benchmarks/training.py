"""The training benchmark: five folds of every candidate on the feature table, beside LightGBM alone.

What is here: `bench_training`, which runs the jobs one after another.
What to add here: a figure that follows from the same jobs.
What must not be here: the jobs themselves, printing.
"""

from __future__ import annotations

from pathlib import Path

from credit_platform.benchmarks import etl_jobs, feature_jobs, training_jobs
from credit_platform.benchmarks.etl import describe, raw_files, work_folder
from credit_platform.benchmarks.processes import measure
from credit_platform.benchmarks.result import Benchmark, Figure, Role
from credit_platform.errors import SettingError
from credit_platform.modelling.candidates import Profile, get_candidate
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings


def bench_training(
    portfolio: str, settings: Settings, *, scale: float, raw: Path | None = None, profile: Profile = "full"
) -> Benchmark:
    """Measure the five-fold training of each candidate on the feature table, with the profile's default parameters.

    Args:
        portfolio: whose features and candidates.
        settings: seed, threads, and the candidates where they are restricted; under its home the files are generated.
        scale: size of the files to generate, where `raw` is not given.
        raw: folder with the raw files.
        profile: whose default parameters.

    Raises:
        BenchmarkError: a job failed.
        SettingError: LightGBM is not among the candidates, so that there is no floor.
    """
    declared = get_portfolio(portfolio)
    names = settings.candidates or declared.candidates
    if training_jobs.FLOOR_CANDIDATE not in names:
        raise SettingError(
            f"The floor of the training benchmark is {training_jobs.FLOOR_CANDIDATE} alone, which is not measured.",
            f"Add {training_jobs.FLOOR_CANDIDATE} to CREDIT_PLATFORM_CANDIDATES.",
        )
    folder, _ = raw_files(portfolio, settings, scale=scale, raw=raw)
    with work_folder(settings) as work:
        tables = {"portfolio": portfolio, "lakehouse": str(work / "lakehouse")}
        measure(etl_jobs.ingest_tables, {**tables, "raw": str(folder)}, name="", role=Role.PLATFORM, what="")
        measure(feature_jobs.build_all, tables, name="", role=Role.PLATFORM, what="")
        before = describe(portfolio, folder, None if raw else scale)
        shared = {**tables, "profile": profile, "seed": settings.seed, "threads": settings.threads}
        found = [
            measure(
                training_jobs.five_folds,
                {**shared, "candidate": name},
                name=get_candidate(name).title,
                role=Role.PLATFORM,
                what="Encoding, choice of columns and rows, training and scoring of five folds, calibration.",
            )
            for name in names
        ]
        floor = measure(
            training_jobs.bare_lightgbm,
            shared,
            name="LightGBM alone",
            role=Role.FLOOR,
            what="Five folds with the candidate's parameters and columns, on matrices that are there already.",
        )
    figures = [
        Figure(name=f"auc_{measured.name}", value=answer["auc"], unit="auc") for measured, answer in (*found, floor)
    ]
    applicants = Figure(name="applicants", value=found[0][1]["applicants"], unit="applicants")
    return Benchmark(
        name="training",
        conditions=before,
        measurements=tuple(measured for measured, _ in (*found, floor)),
        figures=(applicants, *figures),
    )
