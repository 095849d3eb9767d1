"""A file of applications scored with the promoted model, with the histories that belong to them.

What is here: `score_applications`: which scorer, whether what was asked fits it, its histories, the file.
What to add here: another way to say where histories come from.
What must not be here: scoring (`scoring.score_file`), reading histories (`history_files.py`), progress bars (`cli`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from credit_platform.errors import ScorerError, SettingError
from credit_platform.files.names import require_place
from credit_platform.files.scratch import scratch_folder
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import Language, Scorer
from credit_platform.scoring.header import Ignored
from credit_platform.scoring.score_file import FileScored, check_overwriting, score_file
from credit_platform.scoring.stored_histories import history_features
from credit_platform.serving.history_files import Histories, files_of, histories_of_files, stored_histories
from credit_platform.serving.promoted import promoted_scorer
from credit_platform.settings import Settings

Stage = Literal["histories", "score"]
Rows = Callable[[int], None]
"""Called with the number of rows that are done."""


@contextmanager
def _unseen(_: Stage) -> Iterator[Rows]:
    yield lambda _: None


@dataclass(frozen=True, kw_only=True)
class ApplicationsScored:
    """What became of a file of applications."""

    scorer: Scorer
    rows: FileScored
    histories: Histories | None
    """What was joined; None when the applications were scored without histories."""


def score_applications(
    portfolio: str,
    settings: Settings,
    source: Path,
    target: Path,
    *,
    scorer: Path | None = None,
    histories: Path | None = None,
    stored: bool = False,
    ignore: Collection[Ignored] = (),
    without_histories: bool = False,
    sentences: Language | None = None,
    verbatim: bool = False,
    shown: Callable[[Stage], AbstractContextManager[Rows]] = _unseen,
) -> ApplicationsScored:
    """Score `source` with the promoted model, or the one in the folder `scorer`.

    Args:
        portfolio: name of the portfolio.
        settings: where the promoted model and the feature table are.
        source: applications.
        target: decisions.
        scorer: folder of a scorer.
        histories: folder with the files of the other tables.
        stored: take the histories from the feature table instead.
        ignore: kinds of columns to leave unread instead of refusing the file: protected attributes, the outcome.
        sentences: add what each applicant is told, in this language.
        without_histories: score without them although the model was trained with them.
        verbatim: leave texts in CSV files as they are that a spreadsheet would compute.
        shown: entered while histories are read from files, and while rows are scored, to show how far it is.

    Raises:
        ScorerError: nothing was promoted yet, or the scorer is another portfolio's.
        SettingError: histories are asked for twice, or for a portfolio that has none; or nothing is said of them
            although the model was trained with them.
        RawFileError: a file as a whole is broken; nothing is scored.
        RequestError: columns or names of files are at fault, or `target` cannot be written.
    """
    folder = scorer or promoted_scorer(portfolio, settings)
    loaded = Scorer.load(folder)
    if loaded.portfolio.name != get_portfolio(portfolio).name:
        raise ScorerError(f"The scorer is for {loaded.portfolio.name}, not {portfolio}.", "Name the right one.")
    check_options(loaded, histories, stored=stored, without=without_histories)
    require_place(target)
    protected = [folder, *([] if histories is None else files_of(loaded.portfolio, histories))]
    if "://" not in str(settings.lakehouse_root):
        protected.append(Path(settings.lakehouse_root))
    check_overwriting((source, *protected), (target,))
    with scratch_folder(target.parent, ".histories-") as staging:
        given = None
        if histories is not None:
            with shown("histories"):
                given = histories_of_files(loaded.portfolio, histories, staging, target, verbatim=verbatim)
        elif stored:
            given = stored_histories(loaded, Lakehouse(settings.lakehouse_root, pins=settings.pins))
        with shown("score") as progress:
            rows = score_file(
                loaded,
                source,
                target,
                aggregates=None if given is None else given.aggregates,
                ignore=ignore,
                stored=None if given is None else given.stored,
                language=sentences or "en",
                sentences=sentences is not None,
                verbatim=verbatim,
                protected=protected,
                progress=progress,
            )
    return ApplicationsScored(scorer=loaded, rows=rows, histories=given)


def check_options(scorer: Scorer, histories: Path | None, *, stored: bool, without: bool) -> None:
    """Refuse options that do not fit together, and a model of histories without any, unless that was asked for.

    Raises:
        SettingError: the option is named.
    """
    options = {"--histories": histories is not None, "--stored": stored, "--without-histories": without}
    given = [name for name, is_given in options.items() if is_given]
    if len(given) > 1:
        raise SettingError(f"{' and '.join(given)} are given together.", "Give one of them.")
    used = set(history_features(scorer.portfolio)) & set(scorer.fitted.features)
    if given and not history_features(scorer.portfolio):
        raise SettingError(f"{scorer.portfolio.name} has no histories.", f"Leave {given[0]} out.")
    if used and not given:
        raise SettingError(
            f"{len(used)} of the {len(scorer.fitted.features)} features of this model come from the applicants' "
            "histories, and none were given: its probabilities would not be those it was checked for.",
            "Give --histories FOLDER or --stored; or --without-histories to score without them all the same.",
        )
