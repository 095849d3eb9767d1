"""The notebooks run from their first cell to their last on a finished home, and are stored with their figures."""

from __future__ import annotations

import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

from credit_platform_tests.finished_run import FinishedRun

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "docs" / "notebooks"
FIGURES = {"exploration": 4, "drift": 4}


@pytest.mark.parametrize("name", FIGURES)
def test_the_notebook_runs_on_a_finished_home(
    finished: FinishedRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Jupyter announces changes to its folders and transports
        import nbformat  # noqa: PLC0415  # a second to import
        from nbclient import NotebookClient  # noqa: PLC0415  # a second to import

        monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(finished.settings.home.resolve()))
        monkeypatch.setenv("IPYTHONDIR", str(tmp_path))  # not in the home of whoever runs the tests
        monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))))
        content = (NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8")
        notebook = nbformat.reads(content, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
        NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": ROOT}}).execute()
    assert figures(notebook["cells"]) == FIGURES[name]
    text = json.dumps(notebook["cells"])
    said = {
        "exploration": finished.lakehouse.read("german_credit/models/comparison").summary["sentence"],
        "drift": "features that drifted: 4 as before: True",
    }
    assert said[name] in text


@pytest.mark.parametrize("name", FIGURES)
def test_the_notebook_is_stored_with_its_figures_and_without_a_path_of_somebodys_machine(name: str) -> None:
    content = (NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8")
    stored = json.loads(content)
    assert figures(stored["cells"]) == FIGURES[name]
    assert all(cell.get("execution_count") for cell in stored["cells"] if cell["cell_type"] == "code")
    assert not re.search(r"/(?:home|Users|tmp|work)/", content)
    assert len(content) < 400_000


def figures(cells: list[dict[str, Any]]) -> int:
    return sum("image/png" in output.get("data", {}) for cell in cells for output in cell.get("outputs", []))
