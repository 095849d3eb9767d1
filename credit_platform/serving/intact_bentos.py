"""Whether a Bento that is there is the one that would be built.

What is here: `is_intact`. What must not be here: building one (`bentos.py`), storing it (`bento_places.py`).
"""

from __future__ import annotations

import filecmp
from collections.abc import Mapping
from pathlib import Path

from credit_platform.errors import ScorerError
from credit_platform.scoring import Scorer
from credit_platform.scoring.served_source import check_source
from credit_platform.serving.shipped_histories import HistoriesPlan


def is_intact(path: Path, scorer_digest: str, code: Mapping[str, Path], histories: HistoriesPlan | None) -> bool:
    """Whether a complete Bento with this scorer, this very code and these histories lies at `path`."""
    if not (path / "bento.yaml").is_file():
        return False
    try:
        same = Scorer.load(path / "src" / "scorer", verify=True).digest == scorer_digest
        same = same and check_source(path / "src") and _holds_code(path / "src", code)
        return same and (histories is None or histories.is_in(path / "src"))
    except ScorerError:
        return False


def _holds_code(source: Path, code: Mapping[str, Path]) -> bool:
    """Whether a Bento's code is ours, to the byte; its own digest does not tell who wrote that digest."""
    return all(
        (source / name).is_file() and filecmp.cmp(source / name, file, shallow=False) for name, file in code.items()
    )
