"""governance/validation_report and governance/model_card: documents whose figures come from stored tables."""

from collections.abc import Sequence
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.governance.approval import policy_in_force
from credit_platform.governance.document import Document, Facts
from credit_platform.governance.duties import regulatory_map
from credit_platform.governance.kept_documents import keep_documents
from credit_platform.governance.model_card import model_card
from credit_platform.governance.records import DocumentsRecord
from credit_platform.governance.validation_report import validation_report
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.reports import model_reports_key
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.records import ScorerRecord
from credit_platform.orchestration.assets.governance_evidence import GOVERNANCE_CODE, governance_ins
from credit_platform.orchestration.assets.models import applicants_in, commit_info, model_ins
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.table import Table

_EVIDENCE = ("explanations", "fairness", "soundness", "scorecard", "reasons")


def build_document_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """Validation report, and model card with the regulatory map."""
    return [_validation_report(portfolio, settings), _model_card(portfolio, settings)]


def _validation_report(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "validation_report"),
        ins={
            **applicants_in(portfolio),
            **model_ins(portfolio, "comparison", "calibration", "threshold", "scorer"),
            **governance_ins(portfolio, "swap_set", *_EVIDENCE),
        },
        description="For whoever must challenge the model: data, conceptual soundness, outcome analysis, stability, "
        "sensitivity, fairness, swap set against the champion, limits (reject inference among them). HTML and "
        "Markdown; the table lists every figure with the stored table it was taken from.",
        kinds={"polars", "html", "markdown"},
        code_version=code_version(*GOVERNANCE_CODE),
        required_resource_keys={"lakehouse"},
    )
    def validation_report_asset(context: dg.AssetExecutionContext, **tables: StoredTable) -> Table:
        policy = policy_in_force(context.resources.lakehouse.open(), portfolio, settings.approval)
        return _written(portfolio, settings, tables, [validation_report(portfolio, Facts(tables), policy)])

    return validation_report_asset


def _model_card(portfolio: Portfolio, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(portfolio.name, "governance", "model_card"),
        ins={
            **applicants_in(portfolio),
            **model_ins(portfolio, "calibration", "threshold", "scorer"),
            **governance_ins(portfolio, *_EVIDENCE),
        },
        description="What the model is, what it is for, how good, how fair, and where it ends; with the map from the "
        "duties of the EU AI Act and the GDPR to assets and checks. HTML and Markdown; the table lists every figure "
        "with the stored table it was taken from.",
        kinds={"polars", "html", "markdown"},
        code_version=code_version(*GOVERNANCE_CODE),
        required_resource_keys={"lakehouse"},
    )
    def model_card_asset(context: dg.AssetExecutionContext, **tables: StoredTable) -> Table:
        policy = policy_in_force(context.resources.lakehouse.open(), portfolio, settings.approval)
        documents = [model_card(portfolio, Facts(tables), policy), regulatory_map(portfolio)]
        return _written(portfolio, settings, tables, documents)

    return model_card_asset


def _written(
    portfolio: Portfolio, settings: Settings, tables: dict[str, StoredTable], documents: Sequence[Document]
) -> Table:
    digest = ScorerRecord.of(tables["scorer"]).digest
    place = model_reports_key(portfolio.name, digest)
    files = keep_documents(Shelf.of(settings), place, documents)
    metadata: dict[str, Any] = {name.replace(".", "_"): f"{place}/{name}" for name in files}
    metadata[documents[0].name] = dg.MetadataValue.md(documents[0].render("document.md.j2"))
    return Table(
        frame=pl.concat([document.to_frame() for document in documents]),
        summary=DocumentsRecord(digest=digest, key=place, files=tuple(files), sha256=files).to_summary(),
        info=commit_info(portfolio, tables["applicants"]),
        metadata=metadata,
    )
