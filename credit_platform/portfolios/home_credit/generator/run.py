"""Write the eight files: chunk by chunk, in parallel, in a fixed order.

What is here: `generate`, its report, and the mark that says the files are synthetic.
What to add here: an option that concerns all files.
What must not be here: how a table is drawn.

A chunk of applicants is drawn from its own random streams, so the files depend on seed, scale and options only, not on
the number of workers. Threads are enough: numpy and Polars release the interpreter lock where the time goes.
"""

from __future__ import annotations

import io
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from credit_platform.portfolios.home_credit.generator import facts
from credit_platform.portfolios.home_credit.generator.application import application_frames
from credit_platform.portfolios.home_credit.generator.bureau import FIRST_LOAN, BureauWriter
from credit_platform.portfolios.home_credit.generator.bureau_balance import ORPHAN_SPACING, draw_statuses
from credit_platform.portfolios.home_credit.generator.credit_card import draw_cards
from credit_platform.portfolios.home_credit.generator.defects import plant
from credit_platform.portfolios.home_credit.generator.drift import drifted, drifted_rows
from credit_platform.portfolios.home_credit.generator.installments import draw_installments
from credit_platform.portfolios.home_credit.generator.latent import Chunk, draw_population, loading
from credit_platform.portfolios.home_credit.generator.options import check_options
from credit_platform.portfolios.home_credit.generator.pos_cash import draw_pos_cash
from credit_platform.portfolios.home_credit.generator.previous_application import PreviousWriter, left_out
from credit_platform.portfolios.home_credit.generator.sampling import window
from credit_platform.portfolios.home_credit.tables import TABLES

GENERATOR_VERSION = "2"
MARKER = "SYNTHETIC.json"
"""File beside the CSV files that says they were generated; the platform labels what it makes of them."""
REAL_ROWS = {
    "application_train": 307_511,
    "application_test": 48_744,
    "bureau": 1_716_428,
    "bureau_balance": 27_299_925,
    "previous_application": 1_670_214,
    "pos_cash_balance": 10_001_358,
    "credit_card_balance": 3_840_312,
    "installments_payments": 13_605_401,
}
"""Rows of the published files."""
CHUNK_APPLICANTS = 8_000
WORKERS = 2

Progress = Callable[[str, float], None]
Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True, kw_only=True)
class GenerationReport:
    """What was written."""

    folder: Path
    scale: float
    seed: int
    drift: tuple[str, ...]
    defects: tuple[str, ...]
    rows: dict[str, int]
    """Rows written per table, before defects were planted."""
    bytes: int
    seconds: float
    notes: tuple[str, ...]
    """What each planted defect did, for the quality checks to be held against."""


def scaled_rows(scale: float) -> dict[str, int]:
    """Rows of each file at `scale`: the published number times the scale, rounded."""
    return {name: round(rows * scale) for name, rows in REAL_ROWS.items()}


def generate(
    out: Path,
    *,
    scale: float = 1.0,
    seed: int = 7,
    drift: Sequence[str] = (),
    defects: Sequence[str] = (),
    progress: Progress | None = None,
    workers: int = WORKERS,
) -> GenerationReport:
    """Write the eight files and the mark to the folder `out`, replacing files of the same names.

    Args:
        out: folder; made when missing.
        scale: size relative to the published files; 1.0 gives their row counts (2.6 GB).
        seed: same seed, scale and options give the same bytes.
        drift: names of `DRIFTS`: how the applicants to be scored differ from those learnt from.
        defects: names of `DEFECTS`: what to damage for the quality checks to find.
        progress: called after each chunk with a word and the share done.
        workers: threads; they do not change the result.

    Raises:
        GenerationError: an option is unknown or the scale is out of range.
    """
    check_options(scale=scale, drift=drift, defects=defects)
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    # Marked before the first row is written: killed half-way, the files must not pass for real ones.
    (out / MARKER).write_text(json.dumps({"synthetic": True, "finished": False}) + "\n", encoding="utf-8")
    rows = scaled_rows(scale)
    chunks = max(1, round((rows["application_train"] + rows["application_test"]) / CHUNK_APPLICANTS))
    with ExitStack() as files:
        targets = {table.name: files.enter_context((out / table.file_name).open("wb")) for table in TABLES}
        for number, parts in enumerate(_in_order(seed, chunks, rows, tuple(drift), workers), start=1):
            for name, text in parts.items():
                targets[name].write(text)
            if progress is not None:
                progress("chunks", number / chunks)
    notes = tuple(plant(name, out, seed) for name in defects)
    report = GenerationReport(
        folder=out,
        scale=scale,
        seed=seed,
        drift=tuple(drift),
        defects=tuple(defects),
        rows=rows,
        bytes=sum((out / t.file_name).stat().st_size for t in TABLES if (out / t.file_name).exists()),
        seconds=time.monotonic() - started,
        notes=notes,
    )
    _mark(report)
    return report


def is_synthetic(folder: Path) -> bool:
    """Whether the files in `folder` carry the generator's mark."""
    return (folder / MARKER).exists()


def _mark(report: GenerationReport) -> None:
    content = asdict(report) | {"synthetic": True, "generator_version": GENERATOR_VERSION, "statistics": facts.source()}
    for volatile in ("folder", "seconds"):
        del content[volatile]
    (report.folder / MARKER).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _in_order(
    seed: int, chunks: int, rows: dict[str, int], drift: tuple[str, ...], workers: int
) -> Iterator[dict[str, bytes]]:
    """CSV text of each chunk, in order; at most one chunk more than there are workers is held."""
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[dict[str, bytes]]] = deque()
        for index in range(chunks):
            waiting.append(pool.submit(_chunk_text, seed, index, chunks, rows, drift))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _chunk_text(seed: int, index: int, chunks: int, rows: dict[str, int], drift: tuple[str, ...]) -> dict[str, bytes]:
    texts = {}
    for name, table_frame in draw_chunk(seed, index, chunks, rows, drift).items():
        buffer = io.BytesIO()
        table_frame.write_csv(buffer, include_header=index == 0)
        texts[name] = buffer.getvalue()
    return texts


def draw_chunk(seed: int, index: int, chunks: int, rows: dict[str, int], drift: tuple[str, ...] = ()) -> Frames:
    """The rows of all eight files for one chunk of applicants."""
    share = {name: window(total, index, chunks) for name, total in rows.items()}
    size = {name: last - first for name, (first, last) in share.items()}
    chunk = Chunk(
        seed=seed,
        index=index,
        number=chunks,
        applicants=rows["application_train"] + rows["application_test"],
        scoring=rows["application_test"],
    )
    statistics = facts.table_facts("application_train")
    pensioners = statistics["ORGANIZATION_TYPE"].shares["XNA"]
    population = drifted(draw_population(chunk, pensioners, loading(statistics["DAYS_BIRTH"].corr)), drift)
    frames = application_frames(population)
    frames["application_test"] = drifted_rows(frames["application_test"], drift)
    frames["bureau"], bureau_loans = BureauWriter(population, size["bureau"], share["bureau"][0]).draw()
    orphans = FIRST_LOAN + rows["bureau"] + share["bureau_balance"][0] // ORPHAN_SPACING + index
    frames["bureau_balance"] = draw_statuses(population, bureau_loans, size["bureau_balance"], orphans)
    first_loan = share["previous_application"][0] + left_out(share["previous_application"][0]) + index
    writer = PreviousWriter(population, size["previous_application"], first_loan)
    frames["previous_application"], loans = writer.draw()
    frames["pos_cash_balance"] = draw_pos_cash(chunk, loans, size["pos_cash_balance"])
    frames["credit_card_balance"], card_months = draw_cards(chunk, loans, size["credit_card_balance"])
    frames["installments_payments"] = draw_installments(chunk, loans, card_months, size["installments_payments"])
    return frames
