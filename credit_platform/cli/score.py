"""`credit-platform score`: a file of applications in, a file of decisions out.

What is here: finding the scorer, the progress bar, the summary.
What must not be here: scoring (`credit_platform.scoring.score_file`) and reading histories (`history_files.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from credit_platform.cli.history_files import Histories, files_of, histories_of_files, stored_histories
from credit_platform.errors import ScorerError, SettingError
from credit_platform.files.names import require_place
from credit_platform.files.scratch import scratch_folder
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import champion_key
from credit_platform.scoring import Language, Scorer
from credit_platform.scoring.header import Ignored
from credit_platform.scoring.score_file import FileScored, check_overwriting, score_file
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
    without_histories: bool = False,
    sentences: Language | None = None,
    verbatim: bool = False,
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
        sentences: add what each applicant is told, in this language.
        without_histories: score without them although the model was trained with them.
        verbatim: leave texts in CSV files as they are that a spreadsheet would compute.

    Raises:
        ScorerError: nothing was promoted yet, or the scorer is another portfolio's.
        SettingError: histories are asked for twice, or for a portfolio that has none; or nothing is said of them
            although the model was trained with them.
        RawFileError: a file as a whole is broken; nothing is scored.
        RequestError: columns or names of files are at fault, or `target` cannot be written.
    """
    console = Console()
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
            with console.status("reading histories"):
                given = histories_of_files(loaded.portfolio, histories, staging, target, verbatim=verbatim)
        elif stored:
            given = stored_histories(loaded, Lakehouse(settings.lakehouse_root, pins=settings.pins))
        done = _score(loaded, source, target, given, ignore, sentences, protected, verbatim=verbatim)
    _tell(console, loaded, target, done, given)
    return done


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


def _score(  # noqa: PLR0917  # the options of the command
    scorer: Scorer,
    source: Path,
    target: Path,
    given: Histories | None,
    ignore: Collection[Ignored],
    sentences: Language | None,
    protected: Sequence[Path],
    *,
    verbatim: bool,
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
            stored=None if given is None else given.stored,
            language=sentences or "en",
            sentences=sentences is not None,
            verbatim=verbatim,
            protected=protected,
            progress=lambda rows: progress.update(task, completed=rows),
        )


def _tell(console: Console, scorer: Scorer, target: Path, done: FileScored, given: Histories | None) -> None:
    _say(console, f"{done.scored:,} of {done.rows:,} rows scored by model {scorer.version}: {target}")
    if done.rejected_path is not None:
        _say(console, f"{done.rejected:,} rows rejected, each with its rule: {done.rejected_path}")
    if given is not None:
        known = f"{done.with_histories:,} of them with histories, from {given.source}; "
        _say(console, f"{known}{done.scored - done.with_histories:,} with none known")
        for path, rows in given.rejected.items():
            _say(console, f"{rows:,} rows of histories rejected, each with its rule: {path}")
    elif history_features(scorer.portfolio):
        _say(console, "Scored without histories, as asked: the column `histories` says `not looked up`.")
    _tell_rights(console, scorer)


def _tell_rights(console: Console, scorer: Scorer) -> None:
    """Whoever writes to the refused needs it; it is the same for all, so it is no column."""
    contact = scorer.words.contact
    example = " (an example: declare your own in the portfolio)" if contact["example"] else ""
    _say(
        console,
        f"Who is refused may ask for a review by a person: {contact['name']}, {contact['email']}, {contact['phone']}"
        f"{example}. Wording in French and English: docs/API.md, `rights`.",
    )


def _say(console: Console, text: str) -> None:
    """Print a sentence with names of files: nothing in it is markup, and it can be copied whole."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def promoted_scorer(portfolio: str, settings: Settings) -> Path:
    """Folder of the promoted scorer.

    Raises:
        ScorerError: nothing was promoted yet.
        ArtefactError: its scorer is gone, or not as it was stored.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    key = champion_key(portfolio)
    if not lakehouse.exists(key):
        raise ScorerError(f"{portfolio} has no promoted model.", f"Run credit-platform run {portfolio}, or --scorer.")
    return PromotedModel.of(lakehouse.read(key)).folder(Shelf.of(settings))
