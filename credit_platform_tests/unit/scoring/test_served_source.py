"""The code of a Bento: sealed at promotion, compared at every start, never compiled into itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bento.http.startup import require_source
from credit_platform.errors import ScorerError
from credit_platform.scoring.served_source import check_source, record_promotion, recorded, seal_source


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shop_scoring" / "v1" / "src"
    for name in ("bento/__init__.py", "bento/http/app.py", "scorer/manifest.json", "stored_histories/rows.db"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("VALUE = 1\n", encoding="utf-8")
    (folder.parent / "bento.yaml").touch()
    return folder


def test_a_bento_of_before_is_told_apart_and_sealed_at_the_next_promotion(
    source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert check_source(source) is False
    require_source(source)
    assert "serves so until the next promotion" in caplog.text
    (source / "bento" / "__pycache__").mkdir()
    (source / "bento" / "__pycache__" / "app.cpython-311.pyc").write_bytes(b"old")
    record_promotion(source, "2026-11-30T00:00:00+00:00")
    assert check_source(source) is True
    assert not list(source.rglob("*.pyc"))
    before = recorded(source)
    record_promotion(source, "2026-12-01T00:00:00+00:00")
    assert recorded(source) == {**before, "promoted_at": "2026-12-01T00:00:00+00:00"}


@pytest.mark.parametrize("change", ["bento/http/app.py", "scorer/manifest.json", "bento/added.py", "added.py"])
def test_a_changed_or_added_file_is_not_served(source: Path, change: str) -> None:
    record_promotion(source, None)
    with (source / change).open("a", encoding="utf-8") as file:
        file.write("VALUE = 2\n")
    with pytest.raises(ScorerError, match=r"is not the one that was promoted.*run shop --from serving/bento"):
        require_source(source)


def test_a_removed_file_or_record_is_not_served(source: Path) -> None:
    digest = record_promotion(source, None)
    (source / "promotion.json").unlink()
    with pytest.raises(ScorerError, match="does not say which code was promoted"):
        check_source(source)
    assert check_source(source, digest)
    (source / "bento" / "http" / "app.py").unlink()
    with pytest.raises(ScorerError, match="a file was changed"):
        check_source(source, digest)


def test_compiled_code_is_not_served(source: Path) -> None:
    record_promotion(source, None)
    (source / "bento" / "app.pyc").write_bytes(b"compiled")
    with pytest.raises(ScorerError, match="compiled code, which no digest covers"):
        check_source(source)


def test_what_changes_while_it_serves_is_left_out(source: Path) -> None:
    record_promotion(source, None)
    (source / "stored_histories" / "rows.db").write_text("somebody was erased", encoding="utf-8")
    (source / ".credit_platform").mkdir()
    (source / ".credit_platform" / "decisions.db").touch()
    assert check_source(source)


def test_python_compiles_nothing_into_it(source: Path) -> None:
    digest = seal_source(source)
    command = [sys.executable, "-c", "import sys; sys.dont_write_bytecode = False; import bento.http.app"]
    subprocess.run(command, cwd=source, check=True)
    assert not list(source.rglob("*.pyc"))
    assert seal_source(source) == digest


def test_a_bento_that_is_gone_is_not_said_to_be_changed(source: Path) -> None:
    record_promotion(source, None)
    digest = str(recorded(source)["source_digest"])
    source.parent.rename(source.parent.with_name("elsewhere"))
    with pytest.raises(ScorerError, match="is not there: the Bento was removed, or the home was moved") as raised:
        check_source(source, digest)
    assert raised.value.cure.endswith("credit-platform run shop --from models/scorer.")
