"""What the finished run says of its model: every figure of every document is in the tables; the map fits the graph."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from html import unescape
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from credit_platform.definitions import build_definitions
from credit_platform.errors import TableNotFoundError
from credit_platform.governance.document import Facts, resolve
from credit_platform.governance.duties import DUTIES
from credit_platform.governance.gate import CHECK_NAMES
from credit_platform.governance.heads import software
from credit_platform.governance.release import gather_release
from credit_platform.governance.validation_report import validation_report
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.reports import shown_at
from credit_platform.modelling.records import ScorerRecord
from credit_platform.modelling.tracking import Tracking
from credit_platform.orchestration.assets.governance_swap_set import build_swap_set_asset
from credit_platform.orchestration.resources import LakehouseResource
from credit_platform.scoring import Scorer
from credit_platform.settings import Settings
from credit_platform.tables.table import Table
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.records import promoted_model

NAME = "german_credit"
DOCUMENTS = {"validation_report": ("validation_report",), "model_card": ("model_card", "regulatory_map")}


def folder_of(finished: FinishedRun) -> Path:
    """Where the newest documents lie for people: equal to what is stored."""
    place = finished.lakehouse.read(f"{NAME}/governance/model_card").summary["key"]
    folder = shown_at(finished.shelf.home, place)
    for path in folder.iterdir():
        assert finished.shelf.store.get(f"{place}/{path.name}") == path.read_bytes()
    return folder


@pytest.mark.parametrize("asset", DOCUMENTS)
def test_every_figure_of_a_document_is_what_the_stored_table_says(finished: FinishedRun, asset: str) -> None:
    figures = finished.lakehouse.scan(f"{NAME}/governance/{asset}").collect()
    assert figures.height > 100
    for (table, version), part in figures.group_by("table", "version"):
        stored = finished.lakehouse.read(str(table), int(str(version)))
        for figure in part.iter_rows(named=True):
            value = json.loads(json.dumps(resolve(figure, stored), default=str))
            assert value == json.loads(figure["value"]), figure


@pytest.mark.parametrize("name", ["validation_report", "model_card"])
def test_no_number_stands_in_a_document_that_is_not_a_figure_of_a_table(finished: FinishedRun, name: str) -> None:
    """What is left are the words of the portfolio and of the template: they are compared with the source."""
    asset = f"{NAME}/governance/{'model_card' if name == 'model_card' else 'validation_report'}"
    figures = finished.lakehouse.scan(asset).filter(pl.col("document") == name).collect()
    html = (folder_of(finished) / f"{name}.html").read_text(encoding="utf-8")
    body = html[html.index("<body>") :]
    shown = re.findall(r"<data [^>]*>([^<]*)</data>", body)
    assert len(shown) == figures.height
    rest = unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<data [^>]*>[^<]*</data>", " ", body)))
    portfolio = finished.portfolio
    own_words = f"{portfolio.description} {portfolio.source} {portfolio.costs.source} fold 0 1 2 3 4 95% {software()}"
    assert numbers(rest) <= numbers(own_words)


def test_documents_for_regulators_hold_no_command_and_name_the_attributes(finished: FinishedRun) -> None:
    for name in ("validation_report", "model_card", "regulatory_map"):
        said = (folder_of(finished) / f"{name}.md").read_text(encoding="utf-8")
        assert "credit-platform" not in said, name
        assert "sex and marital status (personal_status_sex) and nationality (foreign_worker)" in said, name
        assert "Age (age_years) is read by no feature" in said, name


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d(?:[\d.,]*\d)?", text))


def test_markdown_and_html_of_each_version_lie_in_one_folder(finished: FinishedRun) -> None:
    folder = folder_of(finished)
    digest = finished.lakehouse.read(f"{NAME}/models/scorer").summary["digest"]
    assert folder == (finished.settings.reports_folder(NAME) / "models" / digest[:12]).resolve()
    documents = {f"{name}.{ending}" for names in DOCUMENTS.values() for name in names for ending in ("md", "html")}
    others = {"shap_report.html", "feature_importance.csv", "fairness.csv", "scorecard.csv", "shap_summary.png"}
    waterfalls = {"waterfall_predicted_default.png", "waterfall_good_applicant.png", "importance.png", "shap_bar.png"}
    assert {path.name for path in folder.iterdir()} >= documents | others | waterfalls
    for page in ("model_card.html", "validation_report.html", "shap_report.html"):
        assert not re.search(r'(src|href)="(?!data:|#)', (folder / page).read_text(encoding="utf-8")), page


def test_mlflow_leads_to_the_documents_and_says_what_the_version_is(finished: FinishedRun) -> None:
    settings = finished.settings
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, NAME)
    version = tracking.champion(NAME)
    assert version is not None
    tags = tracking.version_tags(NAME, version)
    assert shown_at(finished.shelf.home, tags["documents"]) == folder_of(finished)
    assert {"threshold", "auc", "cost_per_applicant", "data_version", "data_hash", "date", "stage", "digest"} <= set(
        tags
    )
    run = finished.lakehouse.read(f"{NAME}/models/scorer").summary["mlflow_run_id"]
    logged = {Path(one.path).name for one in tracking.client.list_artifacts(run, "documents")}
    assert {"model_card.html", "validation_report.md", "regulatory_map.html", "shap_report.html"} <= logged


def test_explanations_are_of_the_stored_scorer_and_add_up(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(f"{NAME}/governance/explanations")
    scorer = Scorer.load(ScorerRecord.of(finished.lakehouse.read(f"{NAME}/models/scorer")).folder(finished.shelf))
    assert stored.summary["digest"] == scorer.digest
    assert stored.summary["largest_gap"] < 1e-6
    assert set(stored.frame.collect()["feature"]) == set(scorer.fitted.features)
    assert {one["decision"] for one in stored.summary["examples"]} == {"refused", "accepted"}


def test_the_audit_covers_every_protected_attribute_and_judges_no_small_group(finished: FinishedRun) -> None:
    table = finished.lakehouse.scan(f"{NAME}/governance/fairness").collect()
    single = table.filter(~pl.col("intersection"))
    assert set(single["attribute"]) == {"personal_status_sex", "foreign_worker", "age_band", "sex"}
    assert table["intersection"].any()
    small = table.filter(pl.col("members") < 30)
    assert small.height > 0
    assert set(small["verdict"]) == {"too_few"}
    assert (single.group_by("attribute").agg(pl.col("members").sum())["members"] == 1000).all()


def test_the_decision_rests_on_all_evidence_and_says_what_it_found(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(f"{NAME}/governance/promotion_decision")
    assert stored.frame.collect()["check"].to_list() == list(CHECK_NAMES)
    assert {"explanations", "fairness", "soundness", "swap_set", "validation_report", "model_card"} <= set(
        stored.summary["digests"]
    )
    soundness = finished.lakehouse.read(f"{NAME}/governance/soundness").summary
    assert soundness["parity"]["applicants"] == 30
    assert soundness["parity"]["largest_difference"] == 0.0


def test_the_first_model_has_nobody_to_swap_and_the_record_says_so(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(f"{NAME}/governance/swap_set")
    assert stored.frame.collect().height == 0
    assert (stored.summary["holdout"], stored.summary["live"]) == (None, None)
    sentences = finished.lakehouse.read(f"{NAME}/governance/promotion_decision").summary["swap_set"]["sentences"]
    assert sentences["holdout"].startswith("There is no champion yet")
    assert sentences["live"].startswith("The decision log holds no live decision")
    report = (folder_of(finished) / "validation_report.md").read_text(encoding="utf-8")
    assert all(sentence in report for sentence in sentences.values())


def test_the_report_of_a_challenger_shows_the_swap_set_with_figures_of_the_table(
    finished: FinishedRun, tmp_path: Path
) -> None:
    """As a second run would: the same scores, and a champion that refused from a lower probability."""
    portfolio = finished.portfolio
    challenger = finished.lakehouse.read(f"{NAME}/models/scorer")
    champion = replace(challenger, summary=promoted_model("before", threshold=0.05).to_summary())
    settings = Settings(home=tmp_path)
    asset = build_swap_set_asset(portfolio, settings)
    lakehouse = Lakehouse(settings.lakehouse_root)
    lakehouse.write(f"{NAME}/serving/promoted_model", champion.frame, summary=champion.summary)
    with dg.build_asset_context(resources={"lakehouse": LakehouseResource(root=settings.lakehouse_root)}) as context:
        table = asset(context, challenger)
    assert isinstance(table, Table)
    lakehouse.write(f"{NAME}/governance/swap_set", table.frame, summary=table.summary)
    names = ["models/comparison", "models/calibration", "models/threshold", "models/scorer", "features/applicants"]
    names += [f"governance/{one}" for one in ("explanations", "fairness", "soundness", "scorecard", "reasons")]
    tables = {name.partition("/")[2]: finished.lakehouse.read(f"{NAME}/{name}") for name in names}
    stored = tables["swap_set"] = lakehouse.read(f"{NAME}/governance/swap_set")
    report = validation_report(portfolio, Facts(tables))
    figures = report.to_frame().filter(pl.col("table") == f"{NAME}/governance/swap_set")
    for figure in figures.iter_rows(named=True):
        assert json.loads(figure["value"]) == json.loads(json.dumps(resolve(figure, stored), default=str))
    markdown = report.render("document.md.j2")
    swapped = stored.frame.filter(pl.col("cell") == "swapped_in").collect()["applicants"].item()
    assert swapped > 0
    assert f"| swapped in | {swapped} |" in markdown
    assert "Where the two differ most:" in markdown
    assert (tmp_path / "reports" / NAME / "models" / challenger.summary["digest"][:12] / "swap_set.csv").is_file()


def test_the_map_of_duties_names_assets_and_checks_that_exist(tmp_path: Path) -> None:
    graph = build_definitions(Settings(home=tmp_path)).resolve_asset_graph()
    assets = {"/".join(key.path[1:]) for key in graph.get_all_asset_keys()}
    checks = {f"{'/'.join(key.asset_key.path[1:])}: {key.name}" for key in graph.asset_check_keys}
    for duty in DUTIES:
        assert set(duty.assets) <= assets, duty.article
        assert set(duty.checks) <= checks, duty.article


def test_a_release_is_one_archive_whose_sums_hold_and_which_names_no_place_of_this_machine(
    finished: FinishedRun, tmp_path: Path
) -> None:
    released = gather_release(finished.shelf, finished.lakehouse, finished.portfolio)
    content = released.archive()
    assert content == gather_release(finished.shelf, finished.lakehouse, finished.portfolio).archive()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / released.name
    listed = [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]
    sums = {name: digest for digest, name in listed}
    assert {"model_card.html", "validation_report.html", "threshold_decision.html", "model.json"} <= sums.keys()
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    index = (folder / "index.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="([^"]+)"', index))
    assert linked == sums.keys()
    assert released.record.digest in index
    assert "in use (the champion)" in index
    assert str(finished.settings.home) not in index + (folder / "model.json").read_text()


def test_without_a_model_there_is_no_release(finished: FinishedRun, tmp_path: Path) -> None:
    with pytest.raises(TableNotFoundError, match="no model"):
        gather_release(finished.shelf, Lakehouse(str(tmp_path / "empty")), finished.portfolio)
