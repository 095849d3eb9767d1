"""The doors through which a value comes in, each with the real part behind it, for a portfolio of all kinds of column.

A door takes rows and says of each what became of column `x_<kind>`: its value, null, or the class of its fault as the
door words it: `missing`, `type`, `allowed` or `range`.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import narwhals as nw
import numpy as np
import polars as pl

from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.runtime.engine import Engine
from bento.runtime.settings import ServiceSettings
from credit_platform.features.request_rows import FieldError
from credit_platform.modelling.candidates import get_candidate
from credit_platform.monitoring.decision_log import Conflict, DecisionRecord, Recorded
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable
from credit_platform.quality import ingest
from credit_platform.scoring import PlattCalibrator, Request, Scorer
from credit_platform.scoring.file_rows import FileRows
from credit_platform.scoring.score_file import score_file
from credit_platform.values import Fault
from credit_platform_tests.unit.features.toy import TOY, feature
from credit_platform_tests.value_cases import DAYS, FLAG, FLOAT, FLOAT32, INT8, INT16, INT64, TEXT, WORD

KINDS = {
    f"x_{name}": replace(column, name=f"x_{name}")
    for name, column in {
        "int8": INT8,
        "int16": INT16,
        "int64": INT64,
        "float": FLOAT,
        "float32": FLOAT32,
        "days": DAYS,
        "flag": FLAG,
        "word": WORD,
        "text": TEXT,
        "needed": replace(INT16, nullable=False),
        "needed_word": replace(WORD, nullable=False),
    }.items()
}
"""Columns of the application by name."""
_GOOD: dict[str, Any] = {"x_needed": 5, "x_needed_word": "tv"}
KEY, TARGET = "person", "bad"


def _portfolio() -> Portfolio:
    table = SourceTable(
        name="asked",
        file_name="asked.csv",
        description="Applications.",
        primary_key=(KEY,),
        columns=(
            Column(name=KEY, type=ColumnType.INT32, description="Applicant."),
            *KINDS.values(),
            Column(name=TARGET, type=ColumnType.INT8, description="Outcome.", allowed=(0, 1)),
        ),
        max_rejected_share=1.0,
    )
    numbers = [name for name, column in KINDS.items() if column.type.is_numeric]
    words = [name for name, column in KINDS.items() if not column.type.is_numeric]
    features = (
        *(feature(f"f_{name}", nw.col(name)) for name in numbers),
        *(feature(f"f_{name}", nw.col(name).is_null().cast(nw.Float64)) for name in words),
    )
    group = FeatureGroup(name="asked", table="asked", description="Of the application.", features=features)
    return replace(
        TOY,
        name="doors",
        tables=(table,),
        feature_groups=(group,),
        cross_features=(),
        audit_features=(),
        scoring_table=None,
    )


PORTFOLIO = _portfolio()
Outcome = Any
Rows = Sequence[tuple[str, Any]]
"""Of each row the column under test and what stands in it; the other columns are right."""


def doors_scorer() -> Scorer:
    """A scorer whose figures mean nothing."""
    random = np.random.default_rng(1)
    names = [f.name for f in PORTFOLIO.features]
    frame = pl.DataFrame({name: random.normal(size=80) for name in names})
    target = (random.random(80) < 0.4).astype(np.int8)
    fitted = get_candidate("logistic_regression").fit(frame, target, PORTFOLIO.features, {}, seed=7, threads=1)
    return Scorer(PORTFOLIO, fitted, PlattCalibrator(1.0, 0.0), 0.5)


class Memory:
    """A decision log that only remembers."""

    problem = None

    def __init__(self) -> None:
        self.records: list[DecisionRecord] = []

    async def append(self, records: Sequence[DecisionRecord]) -> Sequence[Recorded | Conflict]:
        self.records += records
        return [Recorded(record.answer, repeated=False) for record in records]

    def stop(self) -> None:
        """Nothing waits."""


class Doors:
    """All doors, around one scorer."""

    def __init__(self) -> None:
        self.scorer = doors_scorer()
        self.log = Memory()
        state = ServiceState(ServiceSettings())
        state.use(Engine(self.scorer), self.log)
        self._app = create_app(state)

    @property
    def of_texts(self) -> dict[str, Callable[[Rows, Path], list[Outcome]]]:
        """Doors that take texts."""
        return {
            "ingestion": self.ingestion,
            "ingestion, staged": lambda rows, folder: self.ingestion(rows, folder, staged=True),
            "score CSV": lambda rows, folder: self.score(rows, folder, ".csv"),
            "score Parquet": lambda rows, folder: self.score(rows, folder, ".parquet"),
            "batch CSV": lambda rows, _: self.batch(rows, "text/csv"),
            "batch Parquet": lambda rows, _: self.batch(rows, "application/vnd.apache.parquet"),
        }

    @property
    def of_documents(self) -> dict[str, Callable[[Rows, Path], list[Outcome]]]:
        """Doors that take values with types."""
        return {"predict": self.predict, "batch JSON": self.batch_json, "library": self.library}

    def ingestion(self, rows: Rows, folder: Path, *, staged: bool = False) -> list[Outcome]:
        table = PORTFOLIO.table("asked")
        path = folder / table.file_name
        path.write_bytes(_csv(rows, {TARGET: 0}))
        found = ingest(table, path, {}, staging=folder if staged else None)
        kept = {row[KEY]: row for row in found.kept.collect().iter_rows(named=True)}
        rules = {int(row[KEY]): row["rule"] for row in found.rejected.collect().iter_rows(named=True)}
        names = {"not_null": "missing"}
        outcomes: list[Outcome] = []
        for number, (column, _) in enumerate(rows):
            if number in kept:
                outcomes.append(kept[number][column])
                continue
            rule, _, at = rules[number].partition(":")
            assert at == column
            outcomes.append(names.get(rule, rule))
        return outcomes

    def score(self, rows: Rows, folder: Path, suffix: str) -> list[Outcome]:
        source = folder / f"in{suffix}"
        frame = _frame(rows)
        source.write_bytes(_csv(rows, {})) if suffix == ".csv" else frame.write_parquet(source)
        done = score_file(self.scorer, source, folder / "out.parquet")
        rejected: dict[str, str] = {}
        if done.rejected_path:
            refused = pl.read_parquet(done.rejected_path)
            rejected = dict(zip(refused[KEY].cast(pl.String), refused["rule"], strict=True))
        as_read = pl.read_csv(source, infer_schema=False) if suffix == ".csv" else frame
        kept, _ = FileRows(self.scorer, "en").split(as_read)
        typed = {str(row[KEY]): row for row in kept.iter_rows(named=True)}
        assert typed.keys() == set(map(str, range(len(rows)))) - rejected.keys()
        outcomes: list[Outcome] = []
        for number, (column, _) in enumerate(rows):
            if str(number) in typed:
                outcomes.append(typed[str(number)][column])
                continue
            at, _, words = rejected[str(number)].partition(": ")
            assert at == column
            outcomes.append(_class_of(words))
        return outcomes

    def batch(self, rows: Rows, media_type: str) -> list[Outcome]:
        body = io.BytesIO(_csv(rows, {}))
        if media_type != "text/csv":
            body = io.BytesIO()
            _frame(rows).write_parquet(body)
        return self._answers(rows, self._post("/predict_batch", body.getvalue(), media_type).json()["results"])

    def batch_json(self, rows: Rows, _: Path) -> list[Outcome]:
        documents = [{"application": {**_GOOD, column: value}} for column, value in rows]
        body = json.dumps(documents).encode()
        return self._answers(rows, self._post("/predict_batch", body, "application/json").json()["results"])

    def predict(self, rows: Rows, _: Path) -> list[Outcome]:
        outcomes = []
        for column, value in rows:
            body = json.dumps({"application": {**_GOOD, column: value}}).encode()
            answer = self._post("/predict", body, "application/json").json()
            result = {"row": 0, **({"error": answer["error"]} if "error" in answer else {"decision": answer})}
            outcomes += self._answers([(column, value)], [result])
        return outcomes

    def library(self, rows: Rows, _: Path) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for column, value in rows:
            request = Request(application={**_GOOD, column: value})
            try:
                self.scorer.score(request)
                outcomes.append(self.scorer.readers["asked"].read(request.application, "application")[column])
            except FieldError as error:
                outcomes.append(_class_of(str(error.fault)) if error.name == column else error)
        return outcomes

    def _answers(self, rows: Rows, results: list[dict[str, Any]]) -> list[Outcome]:
        """Outcomes of the rows that were just asked about: what was scored is in the log."""
        scored = sum("decision" in result for result in results)
        logged = iter(self.log.records[len(self.log.records) - scored :])
        outcomes: list[Outcome] = []
        for (column, _), result in zip(rows, results, strict=True):
            if "decision" in result:
                outcomes.append(json.loads(str(next(logged).inputs))["application"].get(column))
                continue
            assert result["error"]["field"] == f"application.{column}"
            outcomes.append(_CODES[result["error"]["code"]])
        return outcomes

    def _post(self, path: str, body: bytes, media_type: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.post(path, content=body, headers={"Content-Type": media_type})

        return asyncio.run(ask())


OF_TYPE = frozenset({Fault.WRONG_TYPE, Fault.NOT_FINITE, Fault.NOT_WHOLE, Fault.BEYOND_TYPE, Fault.TOO_LONG})
"""There is no value of the column's type at all, rather than one that the contract does not allow."""
_CODES = {"wrong_type": "type", "not_allowed": "allowed", "out_of_range": "range", "missing_field": "missing"}


def _class_of(words: str) -> str:
    if words.startswith(("below", "above")):
        return "range"
    return str(expected(Fault(words)))


def expected(outcome: Outcome, *, coded: bool = False) -> Outcome:
    """What a door is to say of an outcome of the rule; `coded`: by the codes of the service."""
    if not isinstance(outcome, Fault):
        return outcome
    if coded and outcome is Fault.BEYOND_TYPE:
        return "range"
    if outcome in OF_TYPE:
        return "type"
    return {Fault.MISSING: "missing", Fault.NOT_ALLOWED: "allowed"}.get(outcome, "range")


def _frame(rows: Rows) -> pl.DataFrame:
    """Each column of the type of what stands in it: of texts where there is one, or nothing."""
    columns = {name: [value if at == name else _GOOD.get(name) for at, value in rows] for name in KINDS}
    given = [pl.Series(name, values, dtype=_type_of(values), strict=False) for name, values in columns.items()]
    return pl.DataFrame([pl.Series(KEY, range(len(rows)), dtype=pl.Int32), *given])


def _type_of(values: list[Any]) -> pl.DataType | None:
    types = {type(value) for value in values if value is not None}
    return pl.String() if str in types or not types else None


def _csv(rows: Rows, more: dict[str, Any]) -> bytes:
    """The rows as a file in which what is there is quoted every other row."""
    names = [KEY, *KINDS, *more]
    text = io.StringIO()
    csv.writer(text).writerow(names)
    for number, (at, value) in enumerate(rows):
        row = {KEY: number, **_GOOD, **more, at: value}
        csv.writer(text, quoting=csv.QUOTE_MINIMAL if number % 2 else csv.QUOTE_ALL, lineterminator="\r\n").writerow(
            "" if row.get(name) is None else row[name] for name in names
        )
    return text.getvalue().encode()
