"""A person puts a refused table in force, once, by name, and only where somebody can answer for it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import AcceptanceError
from credit_platform.lakehouse import CommitInfo, Lakehouse, refused_key
from credit_platform.tables.acceptance import ACCEPTED, accept
from credit_platform.tables.before_writing import write_checks
from credit_platform.tables.judging import judge, refuse, submitted
from credit_platform.tables.table import Table

KEY = "german_credit/models/logistic_regression"
WORSE = pl.DataFrame({"target": [0, 1] * 20, "probability": [0.9, 0.1] * 20})
NO_NUMBER = pl.DataFrame({"target": [0, 1], "probability": [0.1, float("nan")]})


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path / "lakehouse"))


def refuse_rows(lakehouse: Lakehouse, rows: pl.DataFrame, key: str = KEY) -> int:
    """Refuse a table; its version."""
    info = CommitInfo(portfolio="german_credit", code_version="abc", synthetic=True)
    table = Table(frame=rows, summary={"why": "test"}, info=info)
    judged = judge(submitted(key, table), write_checks(key), lakehouse)
    assert judged.failed
    return refuse(lakehouse, key, table, judged, info).version


def test_what_is_accepted_is_in_force_with_who_when_and_why(lakehouse: Lakehouse) -> None:
    refuse_rows(lakehouse, WORSE)
    version = accept(lakehouse, KEY, by="Ana", reason="a trial")
    stored = lakehouse.read(KEY)
    assert stored.version == version
    assert stored.frame.collect().equals(WORSE)
    act = stored.summary[ACCEPTED]
    assert (act["by"], act["reason"], act["refused_version"]) == ("Ana", "a trial", 0)
    assert stored.summary["why"] == "test"
    assert stored.summary["verdict"]["checks"][0]["passed"] is False
    assert (stored.version.code_version, stored.version.synthetic) == ("abc", True)


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("Ana", ""), (" ", "\t")])
def test_a_name_and_a_reason_are_asked_for(lakehouse: Lakehouse, by: str, reason: str) -> None:
    refuse_rows(lakehouse, WORSE)
    with pytest.raises(AcceptanceError, match="A name or a reason is missing"):
        accept(lakehouse, KEY, by=by, reason=reason)
    assert not lakehouse.exists(KEY)


def test_where_nothing_was_refused_the_tables_are_named_of_which_something_was(lakehouse: Lakehouse) -> None:
    with pytest.raises(AcceptanceError, match="no table of this home was refused"):
        accept(lakehouse, "nonsense", by="Ana", reason="why")
    refuse_rows(lakehouse, WORSE)
    with pytest.raises(AcceptanceError, match=f"Tables of which something was refused: {KEY}."):
        accept(lakehouse, "german_credit/raw/applications", by="Ana", reason="why")


def test_the_table_is_named_and_not_where_refused_data_lies(lakehouse: Lakehouse) -> None:
    refuse_rows(lakehouse, WORSE)
    with pytest.raises(AcceptanceError, match=f"Name the table it is meant for: {KEY}."):
        accept(lakehouse, refused_key(KEY), by="Ana", reason="why")


def test_twice_is_once(lakehouse: Lakehouse) -> None:
    refuse_rows(lakehouse, WORSE)
    accept(lakehouse, KEY, by="Ana", reason="a trial")
    with pytest.raises(AcceptanceError, match=r"is in force already, as version 0 of .*Accepted by Ana"):
        accept(lakehouse, KEY, by="Ben", reason="me too")
    assert len(lakehouse.versions(KEY)) == 1


def test_what_a_newer_version_has_overtaken_stays_refused(lakehouse: Lakehouse) -> None:
    refuse_rows(lakehouse, WORSE)
    lakehouse.write(KEY, WORSE)
    with pytest.raises(AcceptanceError, match="came into force after version 0 of"):
        accept(lakehouse, KEY, by="Ana", reason="why")


def test_nobody_can_answer_for_what_no_model_can_work_with(lakehouse: Lakehouse) -> None:
    refuse_rows(lakehouse, NO_NUMBER)
    with pytest.raises(
        AcceptanceError, match=r"cannot be answered for by hand\. Check out_of_fold_scores: 2 scores, 1"
    ):
        accept(lakehouse, KEY, by="Ana", reason="why")
    assert not lakehouse.exists(KEY)


def test_rejected_rows_are_not_accepted_by_themselves(lakehouse: Lakehouse) -> None:
    lakehouse.write("german_credit/raw/applications__rejected__refused", WORSE)
    with pytest.raises(AcceptanceError, match="No check refused anything of german_credit/raw/applications__rejected"):
        accept(lakehouse, "german_credit/raw/applications__rejected", by="Ana", reason="why")
