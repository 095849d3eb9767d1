"""governance/explanations and governance/fairness: why a scorer decides as it does, and for whom."""

from pathlib import Path

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.governance.explanation_plots import all_plots
from credit_platform.governance.explanation_report import render_shap_report
from credit_platform.governance.explanations import explain_model, explanations_record
from credit_platform.governance.subject import load_scorer, part_of
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.reports import Content, model_reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import image, markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

GOVERNANCE_CODE = ("credit_platform.governance",)
_REPORT = "shap_report.html"


def build_evidence_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Explanations; fairness is in a module of its own."""
    return [_explanations(portfolio, settings)]


def governance_ins(portfolio: Portfolio, *names: str) -> dict[str, dg.AssetIn]:
    """Inputs from the governance layer, by their names."""
    return {name: dg.AssetIn(key=asset_key(portfolio.name, "governance", name)) for name in names}


def _explanations(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "explanations"),
        ins={**applicants_in(portfolio), **model_ins(portfolio, "split", "scorer")},
        description="What drives the model, on the holdout: native importance (top 30), SHAP summary and bar, "
        "waterfalls of a predicted default and of a good applicant, all from the contributions that reasons are made "
        "of. Also written as feature_importance.csv and shap_report.html.",
        kinds={"polars", "shap"},
        code_version=code_version(*GOVERNANCE_CODE),
        pool=HEAVY_POOL,
    )
    def explanations(applicants: StoredTable, split: StoredTable, scorer: StoredTable) -> Table:
        loaded = load_scorer(scorer, portfolio, Shelf.of(settings))
        rows = part_of(portfolio, applicants.frame, split.frame, holdout=True)
        explained = explain_model(loaded, rows, rows["target"])
        drawn = all_plots(explained)
        contents: dict[str, Content] = {
            "feature_importance.csv": explained.features,
            _REPORT: render_shap_report(portfolio, explained, drawn),
            **drawn,
        }
        place = write_reports(Shelf.of(settings), model_reports_key(portfolio.name, loaded.digest), contents)
        record = explanations_record(portfolio, explained, loaded.digest, applicants.version.content_hash)
        shown = explained.features.select("feature", "family", "importance_rank", "mean_absolute", "share").head(15)
        return Table(
            frame=explained.features,
            summary=record.to_summary(),
            info=commit_info(portfolio, applicants),
            metadata={
                "report": f"{place}/{_REPORT}",
                "strongest": markdown_table(shown),
                "shap_summary": image(drawn["shap_summary.png"]),
                **{Path(n).stem: image(png) for n, png in drawn.items() if n.startswith("waterfall")},
            },
        )

    return explanations
