"""`credit-platform score`: a file of applications in, a file of decisions out.

What is here: finding the scorer, the progress bar, the summary.
What must not be here: scoring (`credit_platform.scoring.score_file`) and reading histories (`history_files.py`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from credit_platform.cli.history_files import Histories, histories_of_files, stored_histories
from credit_platform.errors import ScorerError, SettingError
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import Scorer
from credit_platform.scoring.header import Ignored
from credit_platform.scoring.score_file import FileScored, score_file
from credit_platform.scoring.stored_histories import history_features
from credit_platform.settings import Settings


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
) -> FileScored:
    """Score `source` with the promoted model, or the one in the folder `scorer`, and say what became of the rows.

    Args:
        portfolio: name of the portfolio.
        settings: where the promoted model and the feature table are.
        source: applications.
        target: decisions.
        scorer: folder of a scorer.
        histories: folder with the files of the other tables.
        stored: take the histories from the feature table instead.
        ignore: kinds of columns to leave unread instead of refusing the file: protected attributes, the outcome.

    Raises:
        ScorerError: nothing was promoted yet, or the scorer is another portfolio's.
        SettingError: histories are asked for twice, or for a portfolio that has none.
        RawFileError: a file as a whole is broken; nothing is scored.
    """
    console = Console()
    loaded = Scorer.load(scorer or promoted_scorer(portfolio, settings))
    if loaded.portfolio.name != get_portfolio(portfolio).name:
        raise ScorerError(f"The scorer is for {loaded.portfolio.name}, not {portfolio}.", "Name the right one.")
    _check_options(loaded, histories, stored=stored)
    target.parent.mkdir(parents=True, exist_ok=True)
    # On the disk of the result: the temporary folder may be memory.
    with tempfile.TemporaryDirectory(prefix=".histories-", dir=target.parent) as staging:
        given = None
        if histories is not None:
            with console.status("reading histories"):
                given = histories_of_files(loaded.portfolio, histories, Path(staging), target)
        elif stored:
            given = stored_histories(loaded, Lakehouse(settings.lakehouse_root, pins=settings.pins))
        done = _score(loaded, source, target, given, ignore)
    _tell(console, loaded, target, done, given)
    return done


def _check_options(scorer: Scorer, histories: Path | None, *, stored: bool) -> None:
    if histories is not None and stored:
        raise SettingError("--histories and --stored are both given.", "Give one: files, or the stored features.")
    if (histories is not None or stored) and not history_features(scorer.portfolio):
        raise SettingError(f"{scorer.portfolio.name} has no histories.", "Leave --histories and --stored out.")


def _score(
    scorer: Scorer, source: Path, target: Path, given: Histories | None, ignore: Collection[Ignored]
) -> FileScored:
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console()) as progress:
        task = progress.add_task("score", total=None)
        return score_file(
            scorer,
            source,
            target,
            aggregates=None if given is None else given.aggregates,
            ignore=ignore,
            progress=lambda rows: progress.update(task, completed=rows),
        )


def _tell(console: Console, scorer: Scorer, target: Path, done: FileScored, given: Histories | None) -> None:
    _say(console, f"{done.scored:,} of {done.rows:,} rows scored by model {scorer.version}: {target}")
    if done.rejected_path is not None:
        _say(console, f"{done.rejected:,} rows rejected, each with its rule: {done.rejected_path}")
    if given is not None:
        known = f"{done.with_histories:,} of them with histories, from {given.source}"
        _say(console, known)
        for path, rows in given.rejected.items():
            _say(console, f"{rows:,} rows of histories rejected, each with its rule: {path}")
    elif history_features(scorer.portfolio):
        _say(console, "Scored without histories: give --histories FOLDER or --stored.")


def _say(console: Console, text: str) -> None:
    """Print a sentence with names of files: nothing in it is markup, and it can be copied whole."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def promoted_scorer(portfolio: str, settings: Settings) -> Path:
    """Folder of the promoted scorer.

    Raises:
        ScorerError: nothing was promoted yet.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    key = f"{portfolio}/serving/promoted_model"
    if not lakehouse.exists(key):
        raise ScorerError(f"{portfolio} has no promoted model.", f"Run credit-platform run {portfolio}, or --scorer.")
    return Path(lakehouse.read(key).summary["path"])
