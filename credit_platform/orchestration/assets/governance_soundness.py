"""governance/soundness and governance/scorecard: is the scorer sound, and what do its points mean?"""

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.features.checks import (
    auc_interval,
    constant,
    outcome_counts,
    single_feature_auc,
    told_by_chance,
)
from credit_platform.features.inputs import feature_inputs
from credit_platform.governance.evidence import Evidence
from credit_platform.governance.independence import made_from_outcome
from credit_platform.governance.parity import compare_single_with_batch
from credit_platform.governance.scorecard import score_bands
from credit_platform.governance.sensitivity import answers_behind, sensitivity
from credit_platform.governance.stability import (
    TOP_FEATURES,
    feature_shifts,
    flipped_features,
    population_shift,
)
from credit_platform.lakehouse import StoredTable
from credit_platform.orchestration.assets.governance_evidence import (
    GOVERNANCE_CODE,
    governance_ins,
    identity,
    load_scorer,
    model_folder,
    part_of,
)
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, RISK_MODELLING, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer, points_table
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

_SENSITIVITY_ROWS = 2000


def build_soundness_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Soundness and scorecard."""
    return [_soundness(portfolio), _scorecard(portfolio, settings)]


def _soundness(portfolio: Portfolio) -> dg.AssetsDefinition:
    names = [table.name for table in portfolio.tables]

    @dg.asset(
        key=asset_key(portfolio.name, "governance", "soundness"),
        ins={
            **applicants_in(portfolio),
            **model_ins(portfolio, "split", "calibration", "scorer"),
            **governance_ins(portfolio, "explanations"),
            **{f"raw_{name}": dg.AssetIn(key=asset_key(portfolio.name, "raw", name)) for name in names},
        },
        description="Is the model sound? PSI of scores and strongest features between training and holdout, features "
        "that flipped, leak or are constant, sensitivity of decisions, and single requests from raw rows against the "
        "batch, with their latency.",
        group_name=group_name(portfolio.name, "governance"),
        owners=[RISK_MODELLING],
        kinds={"polars"},
        code_version=code_version(*GOVERNANCE_CODE),
        pool=HEAVY_POOL,
    )
    def soundness(  # Dagster passes inputs by name
        applicants: StoredTable,
        split: StoredTable,
        calibration: StoredTable,
        scorer: StoredTable,
        explanations: StoredTable,
        **raw: StoredTable,
    ) -> Table:
        loaded = load_scorer(scorer, portfolio)
        training, holdout = (part_of(portfolio, applicants, split, holdout=part) for part in (False, True))
        everybody = pl.concat([training, holdout]).rename({"target": portfolio.target})
        strongest = explanations.frame.head(TOP_FEATURES).collect()["feature"].to_list()
        shifts = [
            population_shift(
                "score", calibration.frame.collect()["probability"], pl.Series(loaded.score_features(holdout))
            ),
            *feature_shifts(strongest, training, holdout),
        ]
        alone = {n: a for n, a in single_feature_auc(portfolio, everybody).items() if n in loaded.fitted.features}
        best = max(alone, key=lambda name: alone[name])
        dominant = explanations.summary["dominant"]["feature"]
        outcomes = outcome_counts(portfolio, everybody)
        parity = compare_single_with_batch(
            loaded,
            holdout,
            raw[f"raw_{portfolio.training_table}"].frame,
            {name: raw[f"raw_{name}"].frame for name in names if name not in _applications(portfolio)},
        )
        ranked = explanations.frame.collect()["feature"].to_list()
        sensitive = _sensitive(portfolio, loaded, holdout, raw[f"raw_{portfolio.training_table}"], ranked)
        summary = {
            **identity(scorer, applicants),
            "training_applicants": calibration.version.rows,
            "holdout_applicants": scorer.version.rows,
            "features": len(loaded.fitted.features),
            "strongest_alone": {
                "feature": best,
                "auc": alone[best],
                "interval": auc_interval(alone[best], *outcomes, among=len(alone)),
            },
            "dominant_by_chance": told_by_chance(alone.get(dominant, 1.0), *outcomes, among=len(alone)),
            "unrelated": [
                _with_interval(name, alone[name], auc_interval(alone[name], *outcomes, among=len(alone)))
                for name in made_from_outcome(everybody, everybody[portfolio.target], alone)
            ],
            "constant_features": [f.feature for f in constant(portfolio, everybody) if f.feature in alone],
            "flipped_features": flipped_features(
                strongest, training, training["target"].to_numpy(), holdout, holdout["target"].to_numpy()
            ),
            "parity": parity.to_dict(),
            "fold_outcomes": _fold_outcomes(split.frame.collect()),
            "sensitivity": sensitive.to_dicts(),
            "sensitivity_applicants": min(holdout.height, _SENSITIVITY_ROWS),
            "sensitivity_not_varied": [name for name in strongest if not feature_inputs(portfolio)[name]],
        }
        table = pl.DataFrame([one.to_dict() for one in shifts])
        return Table(
            frame=table,
            summary=summary,
            info=commit_info(portfolio, applicants),
            metadata={
                "stability": markdown_table(table),
                "sensitivity": markdown_table(sensitive),
                "single_against_batch": f"{len(parity.differing)} of {parity.applicants} differ",
                "p95_milliseconds": parity.p95_milliseconds,
            },
        )

    return soundness


def _sensitive(
    portfolio: Portfolio, scorer: Scorer, holdout: pl.DataFrame, raw: StoredTable, ranked: list[str]
) -> pl.DataFrame:
    """Sensitivity to the answers that the features are made of, those of the strongest first."""
    rows = holdout.head(_SENSITIVITY_ROWS)
    key = portfolio.applicant_key
    applications = raw.frame.join(rows.lazy().select(key), on=key, how="semi").collect()
    return sensitivity(scorer, rows, applications, answers_behind(portfolio, ranked))


def _with_interval(name: str, auc: float, interval: tuple[float, float]) -> str:
    return f"{name} (AUC {auc:.3f}, interval {interval[0]:.2f} to {interval[1]:.2f})"


def _applications(portfolio: Portfolio) -> set[str | None]:
    return {portfolio.training_table, portfolio.scoring_table}


def _fold_outcomes(folds: pl.DataFrame) -> dict[str, list[int]]:
    counts = (
        folds.group_by("fold")
        .agg(defaults=pl.col("target").cast(pl.Int64).sum(), applicants=pl.len().cast(pl.Int64))
        .sort("fold")
    )
    return {str(fold): [defaults, applicants - defaults] for fold, defaults, applicants in counts.iter_rows()}


def _scorecard(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    scale = portfolio.points

    @dg.asset(
        key=asset_key(portfolio.name, "governance", "scorecard"),
        ins=model_ins(portfolio, "calibration", "scorer"),
        description="What points mean: bands of points with default rate and decision, out of sample. "
        f"{scale.base_points:g} points stand for odds of {scale.base_odds:g} to 1, "
        f"{scale.points_to_double_odds:g} more double the odds. Also written as scorecard.csv.",
        group_name=group_name(portfolio.name, "governance"),
        owners=[RISK_MODELLING],
        kinds={"polars"},
        code_version=code_version(*GOVERNANCE_CODE, "credit_platform.scoring.points"),
    )
    def scorecard(calibration: StoredTable, scorer: StoredTable) -> Table:
        threshold = scorer.summary["threshold"]
        holdout = scorer.frame.collect()
        evidence = _development_evidence(calibration, threshold).and_also(
            Evidence.at_threshold(holdout["target"], holdout["probability"], threshold)
        )
        bands = score_bands(evidence, scale)
        folder = model_folder(settings, portfolio, scorer)
        bands.write_csv(folder / "scorecard.csv")
        fitted = load_scorer(scorer, portfolio).fitted
        points = points_table(fitted.encoder.encodings, fitted.model, scale)
        if points is not None:  # a scorecard proper: points of each answer, too
            points.write_csv(folder / "scorecard_points.csv")
        summary = {
            "points_of_bins": 0 if points is None else points.height,
            "digest": scorer.summary["digest"],
            "base_points": scale.base_points,
            "base_odds": scale.base_odds,
            "points_to_double_odds": scale.points_to_double_odds,
        }
        return Table(
            frame=bands,
            summary=summary,
            info=commit_info(portfolio, scorer),
            metadata={
                "bands": markdown_table(bands),
                **({} if points is None else {"points": markdown_table(points.head(40))}),
            },
        )

    return scorecard


def _development_evidence(calibration: StoredTable, threshold: float) -> Evidence:
    """Out-of-fold scores of the training applicants, decided at the scorer's threshold."""
    oof = calibration.frame.collect()
    return Evidence.at_threshold(oof["target"], oof["probability"], threshold)
