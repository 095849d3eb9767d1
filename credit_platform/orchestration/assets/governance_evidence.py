"""governance/explanations and governance/fairness: why a scorer decides as it does, and for whom."""

from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.governance import explanation_plots as plots
from credit_platform.governance.explanation_report import render_shap_report
from credit_platform.governance.explanations import ModelExplanation, explain_model
from credit_platform.governance.fairness_alternatives import at_most
from credit_platform.governance.reason_review import review_reasons, unexplained_features
from credit_platform.governance.stability import dominant_feature
from credit_platform.lakehouse import StoredTable
from credit_platform.modelling.cross_validation import holdout_rows, training_rows
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, RISK_MODELLING, asset_key, group_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

GOVERNANCE_CODE = ("credit_platform.governance",)
_MOST_COMPARED = 50_000
"""Stability, leaks and explanations are measured on at most so many applicants of either part: a sample of that size
settles them, and the whole feature table need not be in memory."""


def build_evidence_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Explanations; fairness is in a module of its own."""
    return [_explanations(portfolio, settings)]


def governance_ins(portfolio: Portfolio, *names: str) -> dict[str, dg.AssetIn]:
    """Inputs from the governance layer, by their names."""
    return {name: dg.AssetIn(key=asset_key(portfolio.name, "governance", name)) for name in names}


def model_folder(settings: Settings, portfolio: Portfolio, scorer: StoredTable) -> Path:
    """Folder of everything written about one model version: `reports/<portfolio>/models/<version>`."""
    folder: Path = settings.reports_folder(portfolio.name) / "models" / scorer.summary["digest"][:12]
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def load_scorer(scorer: StoredTable, portfolio: Portfolio) -> Scorer:
    """The scorer that the table describes, verified against its digest."""
    summary = scorer.summary
    return Scorer.load(Path(summary["path"]), portfolio=portfolio, expected_digest=summary["digest"])


def _explanations(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "explanations"),
        ins={**applicants_in(portfolio), **model_ins(portfolio, "split", "scorer")},
        description="What drives the model, on the holdout: native importance (top 30), SHAP summary and bar, "
        "waterfalls of a predicted default and of a good applicant, all from the contributions that reasons are made "
        "of. Also written as feature_importance.csv and shap_report.html.",
        group_name=group_name(portfolio.name, "governance"),
        owners=[RISK_MODELLING],
        kinds={"polars", "shap"},
        code_version=code_version(*GOVERNANCE_CODE),
        pool=HEAVY_POOL,
    )
    def explanations(applicants: StoredTable, split: StoredTable, scorer: StoredTable) -> Table:
        loaded = load_scorer(scorer, portfolio)
        rows = part_of(portfolio, applicants, split, holdout=True)
        explained = explain_model(loaded, rows, rows["target"])
        folder = model_folder(settings, portfolio, scorer)
        pictures = _draw(explained, folder)
        explained.features.write_csv(folder / "feature_importance.csv")
        report = folder / "shap_report.html"
        report.write_text(render_shap_report(portfolio, explained, pictures), encoding="utf-8")
        shown = explained.features.select("feature", "family", "importance_rank", "mean_absolute", "share").head(15)
        return Table(
            frame=explained.features,
            summary=_explanation_summary(portfolio, explained, scorer, applicants),
            info=commit_info(portfolio, applicants),
            metadata={
                "report": dg.MetadataValue.path(str(report)),
                "strongest": markdown_table(shown),
                "shap_summary": image(pictures["shap_summary.png"]),
                **{Path(n).stem: image(png) for n, png in pictures.items() if n.startswith("waterfall")},
            },
        )

    return explanations


def part_of(portfolio: Portfolio, applicants: StoredTable, split: StoredTable, *, holdout: bool) -> pl.DataFrame:
    """Features, key and `target` of the holdout, or of the folds; of `_MOST_COMPARED` applicants at most."""
    chosen = split.frame.filter((pl.col("fold") == HOLDOUT) == holdout).collect()
    chosen = at_most(chosen, portfolio.applicant_key, _MOST_COMPARED)
    rows_of = holdout_rows if holdout else training_rows
    return rows_of(applicant_rows(portfolio, applicants, chosen), chosen, portfolio)


def applicant_rows(portfolio: Portfolio, applicants: StoredTable, chosen: pl.DataFrame) -> pl.DataFrame:
    """Rows of the feature table of the applicants of `chosen`, without reading the others into memory."""
    key = portfolio.applicant_key
    return applicants.frame.join(chosen.lazy().select(key), on=key, how="semi").collect(engine="streaming")


def _draw(explained: ModelExplanation, folder: Path) -> dict[str, bytes]:
    pictures = {
        "importance.png": plots.importance_plot(explained.features, explained.importance_kind),
        "shap_summary.png": plots.shap_summary(explained),
        "shap_bar.png": plots.shap_bar(explained),
        **{f"waterfall_{one.kind}.png": plots.waterfall(explained, one) for one in explained.examples},
    }
    for name, png in pictures.items():
        (folder / name).write_bytes(png)
    return pictures


def _explanation_summary(
    portfolio: Portfolio, explained: ModelExplanation, scorer: StoredTable, applicants: StoredTable
) -> dict[str, Any]:
    features = explained.explanation.features
    shares = dict(zip(explained.features["feature"], explained.features["share"], strict=True))
    dominant, share = dominant_feature(shares)
    return {
        **identity(scorer, applicants),
        "applicants": explained.rows.height,
        "features": len(features),
        "importance_kind": explained.importance_kind,
        "largest_gap": explained.largest_gap,
        "unexplained_features": unexplained_features(portfolio, features),
        "reason_findings": review_reasons(portfolio),
        "dominant": {"feature": dominant, "share": share},
        "families": explained.families.to_dicts(),
        "examples": [
            {"kind": one.kind, "applicant": one.applicant, "probability": one.probability, "decision": one.decision}
            for one in explained.examples
        ],
    }


def identity(scorer: StoredTable, applicants: StoredTable) -> dict[str, str]:
    """Which scorer and which feature table a piece of evidence is about."""
    return {"digest": scorer.summary["digest"], "data_hash": applicants.version.content_hash}
