"""governance/soundness and governance/scorecard: is the scorer sound, and what do its points mean?"""

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.governance.records import ExplanationsRecord
from credit_platform.governance.scorecard import scorecard_of
from credit_platform.governance.soundness import measure_soundness
from credit_platform.governance.subject import load_scorer
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.reports import model_reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.orchestration.assets.governance_evidence import GOVERNANCE_CODE, governance_ins
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import HEAVY_POOL, asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table


def build_soundness_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Soundness and scorecard."""
    return [_soundness(portfolio, settings), _scorecard(portfolio, settings)]


def _soundness(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
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
        found = measure_soundness(
            load_scorer(scorer, portfolio, Shelf.of(settings)),
            applicants=applicants,
            split=split.frame,
            calibration=calibration,
            ranked=explanations.frame.collect()["feature"].to_list(),
            dominant=ExplanationsRecord.of(explanations).dominant.feature,
            raw={name: raw[f"raw_{name}"].frame for name in names},
            holdout_applicants=scorer.version.rows,
        )
        parity = found.record.parity
        return Table(
            frame=found.shifts,
            summary=found.record.to_summary(),
            info=commit_info(portfolio, applicants),
            metadata={
                "stability": markdown_table(found.shifts),
                "sensitivity": markdown_table(found.sensitivity),
                "single_against_batch": f"{len(parity.differing)} of {parity.applicants} differ",
                "p95_milliseconds": parity.p95_milliseconds,
            },
        )

    return soundness


def _scorecard(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    scale = portfolio.points

    @dg.asset(
        key=asset_key(portfolio.name, "governance", "scorecard"),
        ins=model_ins(portfolio, "calibration", "scorer"),
        description="What points mean: bands of points with default rate and decision, out of sample. "
        f"{scale.base_points:g} points stand for odds of {scale.base_odds:g} to 1, "
        f"{scale.points_to_double_odds:g} more double the odds. Also written as scorecard.csv.",
        kinds={"polars"},
        code_version=code_version(*GOVERNANCE_CODE, "credit_platform.scoring.points"),
    )
    def scorecard(calibration: StoredTable, scorer: StoredTable) -> Table:
        shelf = Shelf.of(settings)
        made = scorecard_of(load_scorer(scorer, portfolio, shelf), calibration.frame.collect(), scorer.frame.collect())
        of_answers = {} if made.points is None else {"scorecard_points.csv": made.points}
        place = model_reports_key(portfolio.name, made.record.digest)
        write_reports(shelf, place, {"scorecard.csv": made.bands, **of_answers})
        return Table(
            frame=made.bands,
            summary=made.record.to_summary(),
            info=commit_info(portfolio, scorer),
            metadata={
                "bands": markdown_table(made.bands),
                **({} if made.points is None else {"points": markdown_table(made.points.head(40))}),
            },
        )

    return scorecard
