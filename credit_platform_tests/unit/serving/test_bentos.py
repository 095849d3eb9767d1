"""Building Bentos without BentoML: what is staged, when it is built anew, and what is said when it fails."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import credit_platform
from bento.runtime.engine import load_engine
from credit_platform.errors import ScorerError, ServiceError
from credit_platform.portfolios import get_portfolio
from credit_platform.serving import bentos
from credit_platform.serving.bentos import build_bento
from credit_platform.settings import Settings
from credit_platform_tests.small_scorer import save_small_scorer

PORTFOLIO = get_portfolio("german_credit")


@pytest.fixture(scope="module")
def scorer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scorer") / "scorer"
    save_small_scorer(folder)
    return folder


@pytest.fixture
def bentofiles(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stands in for BentoML: keeps what it is told, and puts the files where BentoML puts them."""
    told: list[dict[str, Any]] = []

    def build(store: Path, folder: Path, version: str) -> None:
        told.append(json.loads((folder / "bentofile.yaml").read_text()))
        bento = store / "bentos" / told[-1]["name"] / version
        shutil.copytree(folder, bento / "src")
        (bento / "bento.yaml").touch()

    monkeypatch.setattr(bentos, "_run_bentoml", build)
    return told


def test_code_that_cannot_load_the_scorer_is_no_bento(
    scorer_folder: Path, bentofiles: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bentos, "SHIPPED", tuple(name for name in bentos.SHIPPED if name != "values"))
    with pytest.raises(ServiceError, match=r"No module named 'credit_platform\.values'"):
        build_bento(scorer_folder, PORTFOLIO, Settings(home=tmp_path))
    assert bentofiles == []


def test_what_is_staged(scorer_folder: Path, bentofiles: list[dict[str, Any]], tmp_path: Path) -> None:
    bento = build_bento(scorer_folder, PORTFOLIO, Settings(home=tmp_path))
    source = bento.path / "src"
    assert (bento.name, bento.path.parent.name) == ("german_credit_scoring", "german_credit_scoring")
    assert bento.version.startswith(bento.scorer_digest[:12])
    assert (source / "bento" / "service.py").is_file()
    assert {path.name for path in (source / "credit_platform").iterdir()} == {
        "__init__.py",
        "__pycache__",
        "accounts.py",
        "api_keys.py",
        "clock.py",
        "code_versions.py",
        "logs",
        "native_threads.py",
        "source_trees.py",
        "errors.py",
        "values",
        "http_limits.py",
        "features",
        "files",
        "monitoring",
        "portfolios",
        "presented.py",
        "scoring",
    }
    assert {path.name for path in (source / "credit_platform" / "portfolios").iterdir()} == {
        "__init__.py",
        "__pycache__",
        "approval.py",
        "claims.py",
        "german_credit",
        "economics.py",
        "feature_group.py",
        "generator.py",
        "monitoring_policy.py",
        "portfolio.py",
        "reason.py",
        "reason_families.py",
        "responsible.py",
        "retention.py",
        "source_table.py",
        "truth.py",
    }
    assert not list(source.rglob("*.csv"))
    assert bentofiles[0]["labels"]["scorer_digest"] == bento.scorer_digest


def test_pins_have_no_hashes_and_keep_their_markers(
    scorer_folder: Path, bentofiles: list[dict[str, Any]], tmp_path: Path
) -> None:
    build_bento(scorer_folder, PORTFOLIO, Settings(home=tmp_path))
    packages = bentofiles[0]["python"]["packages"]
    assert "bentoml==1.4.39" in packages
    assert any(pin.startswith("uvloop==") and "; sys_platform" in pin for pin in packages)
    assert not [pin for pin in packages if "--hash" in pin or "\\" in pin or "#" in pin]
    assert bentofiles[0]["python"]["lock_packages"] is False


def test_equal_input_builds_once(scorer_folder: Path, bentofiles: list[dict[str, Any]], tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first = build_bento(scorer_folder, PORTFOLIO, settings)
    second = build_bento(scorer_folder, PORTFOLIO, settings)
    assert (first.reused, second.reused, len(bentofiles)) == (False, True, 1)
    assert replace(second, reused=False, seconds=first.seconds) == first


@pytest.mark.parametrize(
    "damage", ["bento.yaml", "src/scorer/scorer.json", "src/bento/http/app.py", "src/promotion.json"]
)
def test_a_damaged_bento_is_built_again(
    scorer_folder: Path, bentofiles: list[dict[str, Any]], tmp_path: Path, damage: str
) -> None:
    settings = Settings(home=tmp_path)
    first = build_bento(scorer_folder, PORTFOLIO, settings)
    (first.path / damage).unlink()
    assert not build_bento(scorer_folder, PORTFOLIO, settings).reused
    assert (first.path / damage).is_file()


def test_other_code_is_another_version(
    scorer_folder: Path, bentofiles: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    first = build_bento(scorer_folder, PORTFOLIO, settings)
    monkeypatch.setattr(bentos, "SHIPPED", (*bentos.SHIPPED, "settings.py"))
    second = build_bento(scorer_folder, PORTFOLIO, settings)
    assert first.version != second.version
    assert first.version[:12] == second.version[:12]


def test_a_scorer_of_another_portfolio_is_refused(scorer_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ScorerError, match="scores german_credit, not other"):
        build_bento(scorer_folder, replace(PORTFOLIO, name="other"), Settings(home=tmp_path))


def test_an_altered_scorer_is_refused(scorer_folder: Path, tmp_path: Path) -> None:
    altered = tmp_path / "scorer"
    shutil.copytree(scorer_folder, altered)
    (altered / "scorer.json").write_text("{}")
    with pytest.raises(ScorerError):
        build_bento(altered, PORTFOLIO, Settings(home=tmp_path))


def test_without_a_checkout_the_cure_is_named(
    scorer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        credit_platform, "__file__", str(tmp_path / "site-packages" / "credit_platform" / "__init__.py")
    )
    with pytest.raises(ServiceError, match="make install"):
        build_bento(scorer_folder, PORTFOLIO, Settings(home=tmp_path))


def test_what_bentoml_says_is_in_the_error(
    scorer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", _script(tmp_path, "echo it is full >&2; exit 3"))
    with pytest.raises(ServiceError, match="it is full"):
        build_bento(scorer_folder, PORTFOLIO, Settings(home=tmp_path))
    assert list((tmp_path / "bentos").iterdir()) == []


def test_a_build_that_hangs_is_ended(scorer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", _script(tmp_path, "exec sleep 60"))
    monkeypatch.setattr(bentos, "BUILD_SECONDS", 0.2)
    with pytest.raises(ServiceError, match="took more than") as caught:
        build_bento(scorer_folder, PORTFOLIO, Settings(home=tmp_path))
    assert isinstance(caught.value.__cause__, subprocess.TimeoutExpired)


def _script(folder: Path, commands: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{commands}\n")
    path.chmod(0o755)
    return str(path)


def test_the_date_of_promotion_travels_beside_the_scorer_and_makes_no_other_bento(
    scorer_folder: Path, bentofiles: list[dict[str, Any]], tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    first = build_bento(scorer_folder, PORTFOLIO, settings, promoted_at="2026-01-01T00:00:00+00:00")
    assert load_engine(first.path / "src" / "scorer").model_info.count(b'"promoted_at": "2026-01-01T') == 1
    again = build_bento(scorer_folder, PORTFOLIO, settings, promoted_at="2026-02-02T00:00:00+00:00")
    assert (again.reused, again.path, again.scorer_digest) == (True, first.path, first.scorer_digest)
    assert load_engine(first.path / "src" / "scorer").model_info.count(b'"promoted_at": "2026-02-02T') == 1
    (first.path / "src" / "promotion.json").write_text("[]")
    with pytest.raises(ScorerError, match="does not say when"):
        load_engine(first.path / "src" / "scorer")
