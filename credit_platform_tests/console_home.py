"""A home as the console finds it: tables of a model in use, and its scorer; made in a second, of a small scorer."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from credit_platform.features import build_features
from credit_platform.lakehouse import Lakehouse
from credit_platform.scoring import Scorer
from credit_platform.settings import Settings
from credit_platform_tests.records import promoted_model, threshold_record
from credit_platform_tests.small_scorer import raw_applications


def make_console_home(home: Path, scorer: Scorer, scorer_folder: Path) -> Settings:
    """Fill `home` with what the pages read; figures are made up, scores are the scorer's."""
    settings, portfolio = Settings(home=home), scorer.portfolio
    lakehouse, name = Lakehouse(settings.lakehouse_root), portfolio.name
    raw = raw_applications(portfolio)
    features = build_features(portfolio, {portfolio.training_table: raw.lazy()}).collect()
    scores = pl.DataFrame(
        {
            portfolio.applicant_key: features[portfolio.applicant_key],
            "target": features[portfolio.target],
            "probability": scorer.score_features(features),
        }
    )
    summary = promoted_model(scorer.digest, scorer_folder, threshold=scorer.threshold).to_summary()
    lakehouse.write(f"{name}/raw/{portfolio.training_table}", raw)
    lakehouse.write(f"{name}/models/scorer", scores.head(200), summary=summary)
    lakehouse.write(f"{name}/serving/promoted_model", scores.head(200), summary=summary)
    lakehouse.write(f"{name}/models/calibration", scores.tail(800))
    curve = pl.DataFrame({"threshold": [0.05, 0.2, 0.9], "cost_per_applicant": [0.6, 0.5, 1.4]})
    lakehouse.write(f"{name}/models/threshold", curve, summary=threshold_record(scorer.threshold).to_summary())
    shutil.copytree(scorer_folder, home / "scorers" / name / "small")
    return settings
