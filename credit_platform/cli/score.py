"""`credit-platform score`: a file of applications in, a file of decisions out.

What is here: finding the scorer, the progress bar, the summary.
What must not be here: scoring (`credit_platform.scoring.score_file`).
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from credit_platform.errors import ScorerError
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import Scorer
from credit_platform.scoring.score_file import score_file
from credit_platform.settings import Settings


def score_applications(portfolio: str, settings: Settings, source: Path, target: Path, *, scorer: Path | None) -> None:
    """Score `source` with the promoted model, or the one in the folder `scorer`, and say what became of the rows.

    Raises:
        ScorerError: nothing was promoted yet, or the scorer is another portfolio's.
    """
    console = Console()
    loaded = Scorer.load(scorer or promoted_scorer(portfolio, settings))
    if loaded.portfolio.name != get_portfolio(portfolio).name:
        raise ScorerError(f"The scorer is for {loaded.portfolio.name}, not {portfolio}.", "Name the right one.")
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} rows"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("score", total=None)
        done = score_file(loaded, source, target, progress=lambda rows: progress.update(task, completed=rows))
    console.print(f"{done.scored:,} of {done.rows:,} rows scored by model {loaded.version}: {target}", highlight=False)
    if done.rejected_path is not None:
        console.print(f"{done.rejected:,} rows rejected, each with its rule: {done.rejected_path}", highlight=False)


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
