from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit_platform.errors import ScorerError
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import IdentityCalibrator, PlattCalibrator
from credit_platform.scoring.folder import MANIFEST
from credit_platform.scoring.scorer import Scorer

PORTFOLIO = get_portfolio("german_credit")
NAMES = ("logistic_regression", "random_forest", "xgboost", "lightgbm")
ScorerOf = Callable[[str], Scorer]


@pytest.fixture
def scorer(scorer_of: ScorerOf) -> Scorer:
    return scorer_of("logistic_regression")


def explainable(features: pl.DataFrame, name: str) -> pl.DataFrame:
    """All rows, or every fourth where exact contributions of one take over a millisecond."""
    return features[::4] if name == "random_forest" else features


@pytest.mark.parametrize("name", NAMES)
def test_saving_and_loading_changes_no_bit(
    name: str, scorer_of: ScorerOf, features: pl.DataFrame, tmp_path: Path
) -> None:
    scorer = scorer_of(name)
    digest = scorer.save(tmp_path / "s")
    again = Scorer.load(tmp_path / "s", expected_digest=digest)
    assert (again.digest, again.version, again.candidate) == (digest, digest[:12], name)
    assert again.score_features(features).tobytes() == scorer.score_features(features).tobytes()
    rows = explainable(features, name)
    assert again.margins(rows).contributions.tobytes() == scorer.margins(rows).contributions.tobytes()
    assert again.save(tmp_path / "t") == digest


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    platt=st.builds(PlattCalibrator, st.floats(1e-3, 1e3), st.floats(-20, 20)),
    threshold=st.floats(0.001, 0.999),
    metadata=st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False), max_size=3),
)
def test_no_bit_of_any_scorer_is_lost_in_its_folder(
    scorer: Scorer,
    tmp_path: Path,
    platt: PlattCalibrator,
    threshold: float,
    metadata: dict[str, float],
) -> None:
    margin = np.linspace(-8, 8, 40)
    made = Scorer(PORTFOLIO, scorer.fitted, platt, threshold, metadata)
    made.save(tmp_path / "s")
    again = Scorer.load(tmp_path / "s")
    assert again.calibrator.probability(margin).tobytes() == platt.probability(margin).tobytes()
    assert again.fitted.files() == made.fitted.files()
    assert (again.threshold, again.metadata, again.digest) == (threshold, metadata, made.digest)


def test_provenance_is_kept_but_does_not_change_the_digest(scorer: Scorer, tmp_path: Path) -> None:
    made = [
        Scorer(PORTFOLIO, scorer.fitted, scorer.calibrator, 0.2, {"auc": 0.8}, provenance={"created": when})
        for when in ("today", "tomorrow")
    ]
    assert made[0].save(tmp_path / "s") == made[1].digest
    assert Scorer.load(tmp_path / "s").provenance == {"created": "today"}
    changed = Scorer(PORTFOLIO, scorer.fitted, scorer.calibrator, 0.2, {"auc": 0.9})
    assert changed.digest != made[0].digest


def test_review_and_name_survive_the_folder(scorer: Scorer, tmp_path: Path) -> None:
    made = Scorer(PORTFOLIO, scorer.fitted, IdentityCalibrator(), 0.2, {"name": "trial"}, review=(0.1, 0.3))
    made.save(tmp_path / "s")
    again = Scorer.load(tmp_path / "s")
    assert (again.review, again.name, again.calibrator) == ((0.1, 0.3), "trial", IdentityCalibrator())


def test_only_safe_formats_are_written(scorer_of: ScorerOf, tmp_path: Path) -> None:
    for name in NAMES:
        scorer_of(name).save(tmp_path / name)
        suffixes = {path.suffix for path in (tmp_path / name).iterdir()}
        assert suffixes <= {".json", ".ubj", ".txt"}


@pytest.mark.parametrize("name", ["scorer.json", "encoder.json", "model.linear.json", "provenance.json"])
def test_tampering_is_found(scorer: Scorer, tmp_path: Path, name: str) -> None:
    scorer.save(tmp_path / "s")
    path = tmp_path / "s" / name
    path.write_bytes(path.read_bytes().replace(b"}", b" }", 1))
    with pytest.raises(ScorerError, match=f"{name} was altered"):
        Scorer.load(tmp_path / "s")
    assert Scorer.load(tmp_path / "s", verify=False).threshold == scorer.threshold


def test_a_file_outside_the_manifest_is_not_used(scorer: Scorer, tmp_path: Path) -> None:
    scorer.save(tmp_path / "s")
    manifest = tmp_path / "s" / MANIFEST
    value = json.loads(manifest.read_bytes())
    del value["files"]["model.linear.json"]
    manifest.write_text(json.dumps(value))
    with pytest.raises(ScorerError, match="does not list"):
        Scorer.load(tmp_path / "s")


def test_another_digest_than_approved_is_refused(scorer: Scorer, tmp_path: Path) -> None:
    scorer.save(tmp_path / "s")
    with pytest.raises(ScorerError, match="not 0123456789ab"):
        Scorer.load(tmp_path / "s", expected_digest="0123456789abcdef")


def test_a_scorer_of_other_feature_definitions_is_refused(
    scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer.save(tmp_path / "s")
    monkeypatch.setattr("credit_platform.scoring.folder.feature_version", lambda portfolio: "feedfeedfeed")
    monkeypatch.setattr("credit_platform.scoring.folder.is_version_of", lambda portfolio, version: False)
    with pytest.raises(ScorerError, match=r"this code has feedfeedfeed.*train again"):
        Scorer.load(tmp_path / "s", portfolio=PORTFOLIO)
