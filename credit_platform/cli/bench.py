"""`credit-platform bench`: measured figures as a table and as JSON.

What is here: one command per benchmark of `credit_platform.benchmarks`, registered on `bench`.
What to add here: the command of a further benchmark.
What must not be here: measuring.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from credit_platform.benchmarks import Benchmark, Figure
from credit_platform.benchmarks.load import KEY_VARIABLE
from credit_platform.cli.options import read_settings
from credit_platform.errors import SettingError

bench = typer.Typer(name="bench", help="Measure time, memory and size beside a floor and a peer.", no_args_is_help=True)

Scale = Annotated[float, typer.Option(help="Size of the files to generate; 1 gives the real row counts.")]
Raw = Annotated[Path | None, typer.Option(help="Folder with raw files; without it they are generated.")]
Json = Annotated[Path | None, typer.Option("--json", help="Also write everything to this file.")]
Name = Annotated[str, typer.Option(help="Portfolio to measure.")]

_MEGABYTE = 1e6
_GIBIBYTE = 2**30
_PORTFOLIO = "home_credit"


@bench.command()
def etl(scale: Scale = 0.02, raw: Raw = None, json: Json = None, portfolio: Name = _PORTFOLIO) -> None:
    """Raw CSV files to checked Delta tables: time, memory, stored size, reading time."""
    from credit_platform.benchmarks.etl import bench_etl

    report(bench_etl(portfolio, read_settings(), scale=scale, raw=raw), json)


@bench.command()
def features(scale: Scale = 0.02, raw: Raw = None, json: Json = None, portfolio: Name = _PORTFOLIO) -> None:
    """Checked Delta tables to the feature table: time, memory, number of features, time of each group."""
    from credit_platform.benchmarks.features import bench_features

    report(bench_features(portfolio, read_settings(), scale=scale, raw=raw), json)


@bench.command()
def training(
    scale: Scale = 0.02,
    raw: Raw = None,
    json: Json = None,
    portfolio: Name = _PORTFOLIO,
    profile: Annotated[Literal["quick", "full"], typer.Option(help="Whose default parameters.")] = "full",
) -> None:
    """Five folds of each candidate on the feature table: time, memory, AUC, beside LightGBM alone."""
    from credit_platform.benchmarks.training import bench_training

    report(bench_training(portfolio, read_settings(), scale=scale, raw=raw, profile=profile), json)


@bench.command()
def serving(
    *,
    portfolio: Name = "german_credit",
    json: Json = None,
    seconds: Annotated[float, typer.Option(help="Length of each load, in seconds.", min=0.1)] = 2.0,
    rounds: Annotated[int, typer.Option(help="How often each load is repeated; the median is shown.", min=1)] = 3,
    scorer: Annotated[Path | None, typer.Option(help="Folder of a scorer; by default the promoted one.")] = None,
    shadow: Annotated[
        Path | None, typer.Option(help="Folder of a challenger's scorer: measure also with it in the shadow.")
    ] = None,
    raw: Raw = None,
    url: Annotated[str | None, typer.Option(help="Load the service that runs there, instead of starting one.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Its API key.", envvar=KEY_VARIABLE, show_envvar=True, show_default=False)
    ] = None,
    clients: Annotated[int, typer.Option(help="Connections that load it.", min=1, max=1024)] = 16,
    route: Annotated[
        Literal["/predict", "/explain"], typer.Option(help="What is asked; /predict is decided and logged.")
    ] = "/predict",
    connect_to: Annotated[
        str | None, typer.Option(help="Host and port to connect to instead of those of --url.")
    ] = None,
    p95: Annotated[
        float | None, typer.Option(help="With --url: exit with 1 at an error, or at a p95 of so many ms.", min=0.0)
    ] = None,
) -> None:
    """One applicant alone; one worker of the service under 1, 4, 16 and 64 clients, beside bare FastAPI.

    With --url, the service that runs there, over whatever stands before it; --clients, --route, --connect-to, --p95 and
    the key are for that.
    """
    if url is not None:
        _refuse_with_url(scorer=scorer, shadow=shadow, raw=raw)
        from credit_platform.benchmarks.running import bench_running, objections

        done = bench_running(url, key, clients=clients, seconds=seconds, route=route, connect_to=connect_to)
        report(done, json)
        said = [] if p95 is None else objections(done, p95)
        for sentence in said:
            typer.echo(sentence, err=True)
        raise typer.Exit(int(bool(said)))
    from credit_platform.benchmarks.promoted import bench_promoted

    done = bench_promoted(
        portfolio, read_settings(), scorer=scorer, raw=raw, seconds=seconds, rounds=rounds, shadow=shadow
    )
    report(done, json)


def _refuse_with_url(**given: Path | None) -> None:
    """What is given of a service that is started here means nothing for one that runs elsewhere.

    Raises:
        SettingError: something is.
    """
    for name, value in given.items():
        if value is not None:
            raise SettingError(
                f"--{name} is of a service that is started here, and --url names one that runs.",
                "Leave one of them out.",
            )


@bench.command()
def drift(
    *,
    json: Json = None,
    features: Annotated[int, typer.Option(help="Features of the model.", min=1)] = 736,
    decisions: Annotated[int, typer.Option(help="Decisions of the day that is judged.", min=1)] = 300_000,
    days: Annotated[
        int | None, typer.Option(help="Judge so many days one after another, and count the alarms.", min=1)
    ] = None,
    a_day: Annotated[list[int] | None, typer.Option(help="Decisions a day; may be given again.")] = None,
    shift: Annotated[float, typer.Option(help="Standard deviations by which features are shifted.")] = 0.0,
    shifted: Annotated[int, typer.Option(help="How many features are shifted.", min=0)] = 10,
    no_drift: Annotated[bool, typer.Option("--no-drift", help="Shift nothing, whatever --shift says.")] = False,
) -> None:
    """Drift of all features on made-up decisions: time beside Evidently, or with --days alarms over many days."""
    from credit_platform.benchmarks.drift import A_DAY, bench_alarms, bench_drift

    if days is None:
        report(bench_drift(read_settings(), features=features, decisions=decisions), json)
        return
    moved = 0 if no_drift or not shift else min(shifted, features)
    chosen = tuple(a_day or A_DAY)
    report(
        bench_alarms(days=days, features=features, a_day=chosen, shift=0.0 if no_drift else shift, shifted=moved), json
    )


@bench.command()
def expected(
    *,
    json: Json = None,
    world: Annotated[list[str] | None, typer.Option(help="A generating process; may be given again.")] = None,
    holdouts: Annotated[int, typer.Option(help="How many holdouts a process is known by.", min=1)] = 3,
    holdout: Annotated[int, typer.Option(help="Applicants of a holdout.", min=50)] = 6_000,
    months: Annotated[int, typer.Option(help="Months expected by each holdout.", min=1)] = 50,
    decisions: Annotated[int, typer.Option(help="Decisions of a month.", min=50)] = 2_000,
    seed: Annotated[int, typer.Option(help="Of the randomness.")] = 7,
) -> None:
    """Expected AUC, default rate and cost before outcomes: how often their intervals hold what comes."""
    from credit_platform.benchmarks.expected import bench_expected
    from credit_platform.benchmarks.expected_worlds import WORLDS

    sizes = {"holdouts": holdouts, "holdout": holdout, "months": months, "decisions": decisions}
    report(bench_expected(worlds=tuple(world or WORLDS), seed=seed, **sizes), json)


def report(benchmark: Benchmark, json: Path | None) -> None:
    """Print a benchmark with its conditions; write it to `json` where that is given.

    Raises:
        SettingError: `json` cannot be written.
    """
    console = Console()
    table = Table(title=f"bench {benchmark.name}", title_justify="left")
    for heading in ("what", "as", "seconds", "CPU seconds", "peak GiB"):
        table.add_column(heading, justify="left" if heading in {"what", "as"} else "right")
    for measured in benchmark.measurements:
        times = (f"{measured.seconds:.2f}", f"{measured.cpu_seconds:.2f}", f"{measured.peak_bytes / _GIBIBYTE:.2f}")
        table.add_row(measured.name, measured.role.value, *times)
        for part, seconds in measured.parts.items():
            table.add_row(f"  {part}", "", f"{seconds:.2f}", "", "", style="dim")
    console.print(table)
    # Figures called `subject: what` that follow one another share a line.
    for subject, figures in groupby(benchmark.figures, key=lambda one: one.name.rpartition(": ")[0]):
        shown = [(figure.name.rpartition(": ")[2], _shown(figure)) for figure in figures]
        if subject:
            console.print(f"{subject}: {', '.join(f'{what} {value}' for what, value in shown)}", highlight=False)
        else:
            for what, value in shown:
                console.print(f"{what}: {value}", highlight=False)
    _print_conditions(benchmark, console)
    if json is not None:
        benchmark.write_json(json)
        console.print(f"Written to {json}.", highlight=False, markup=False)


def _print_conditions(benchmark: Benchmark, console: Console) -> None:
    taken = benchmark.conditions
    console.print(
        f"{taken.date}, {taken.cpus} CPUs ({taken.processor}), {taken.memory_bytes / _GIBIBYTE:.0f} GiB, load average "
        f"{taken.load_average}, Python {taken.python}, Polars {taken.versions['polars']}, commit {taken.commit}; "
        f"{taken.data}.",
        highlight=False,
    )


def _shown(figure: Figure) -> str:
    match figure.unit:
        case "bytes":
            return f"{figure.value / _MEGABYTE:,.1f} MB"
        case "share":
            return f"{figure.value:.1%}"
        case "auc":
            return f"{figure.value:.4f}"
        case "ms":
            return f"{figure.value:,.2f} ms"
        case _:
            return f"{figure.value:,.0f} {figure.unit}".rstrip()
