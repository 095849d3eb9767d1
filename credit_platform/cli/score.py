"""`credit-platform score`: a file of applications in, a file of decisions out.

What is here: the progress bar, the summary.
What must not be here: which scorer, which histories, scoring (`serving.file_scoring`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from credit_platform.scoring import Language, Scorer
from credit_platform.scoring.header import Ignored
from credit_platform.scoring.stored_histories import history_features
from credit_platform.serving.file_scoring import ApplicationsScored, Rows, Stage, score_applications
from credit_platform.settings import Settings


def score_and_tell(
    portfolio: str,
    settings: Settings,
    source: Path,
    target: Path,
    *,
    scorer: Path | None,
    histories: Path | None,
    stored: bool,
    ignore: Collection[Ignored],
    without_histories: bool,
    sentences: Language | None,
    verbatim: bool,
) -> None:
    """Score as `score_applications` does, show how far it is, and say what became of the rows."""
    scored = score_applications(
        portfolio,
        settings,
        source,
        target,
        scorer=scorer,
        histories=histories,
        stored=stored,
        ignore=ignore,
        without_histories=without_histories,
        sentences=sentences,
        verbatim=verbatim,
        shown=_shown,
    )
    _tell(Console(), target, scored)


@contextmanager
def _shown(stage: Stage) -> Iterator[Rows]:
    if stage == "histories":
        with Console().status("reading histories"):
            yield lambda _: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console()) as progress:
        task = progress.add_task("score", total=None)
        yield lambda rows: progress.update(task, completed=rows)


def _tell(console: Console, target: Path, scored: ApplicationsScored) -> None:
    scorer, done, given = scored.scorer, scored.rows, scored.histories
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
