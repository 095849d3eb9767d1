"""Whoever is erased from a log goes from the table and from every version of it, and the search finds who was there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from deltalake import DeltaTable

from credit_platform.errors import DecisionLogError, DecisionLogLostError, TableNotFoundError
from credit_platform.lakehouse import Lakehouse, refused_key
from credit_platform.lakehouse.verification import verify_table
from credit_platform.monitoring.decision_log import DecisionRecord, DecisionStore
from credit_platform.monitoring.decisions.forgetting import forget
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.decisions.passes import read_logs
from credit_platform.monitoring.decisions.schema import DecisionsRecord
from credit_platform.tables.checks.monitoring import monitoring_write_checks
from credit_platform.tables.judging import judge, submission_of
from credit_platform_tests.searching import found_in
from credit_platform_tests.unit.monitoring.decisions.conftest import DECLARED, KEY, PORTFOLIO, Home, moment, record

NUMBER = 918273.4650912837
TEXT = "a-word-that-nobody-else-has"
TEXT_FEATURE = next(feature.name for feature in PORTFOLIO.features if feature.kind == "categorical")


def theirs(request: str, day: int) -> DecisionRecord:
    """A decision about the one who will be erased."""
    return record(request, moment(day), "P-1", **{DECLARED[0]: NUMBER, TEXT_FEATURE: TEXT})


def lakehouse_files(home: Home) -> list[Path]:
    return found_in(Path(home.settings.lakehouse_root), [NUMBER, TEXT])


def filled(home: Home) -> None:
    """Three versions: before the person, with the person, and one more."""
    home.log(record("a", moment(1)))
    home.run()
    home.log(theirs("b", 2), record("c", moment(2), "A-2"))
    home.run()
    home.log(record("d", moment(3)))
    home.run()


def test_an_erased_person_is_found_before_and_nowhere_after(home: Home) -> None:
    filled(home)
    assert found_in(home.settings.home, [NUMBER]), "the search finds who is there"
    assert found_in(home.settings.home, [TEXT]) == found_in(home.settings.home, [NUMBER])
    kinds = {path.suffix for path in found_in(home.settings.home, [NUMBER])}
    assert ".parquet" in kinds
    assert kinds & {".db", ".db-wal"}
    home.erase("P-1")
    (gone, *_) = forget(home.lakehouse, PORTFOLIO.name, open_logs(home.settings), erased=True)
    assert (gone.key, gone.rows, gone.versions, gone.files) == (KEY, 1, (2, 1), 1)
    assert found_in(home.settings.home, [NUMBER, TEXT]) == []
    assert home.rows()["row"].to_list() == [1, 3, 4]


def test_versions_that_held_them_say_so_whoever_pins_them_and_the_others_stay(home: Home) -> None:
    filled(home)
    then = home.lakehouse.versions(KEY)[0].timestamp
    home.erase("P-1")
    forget(home.lakehouse, PORTFOLIO.name, open_logs(home.settings), erased=True)
    pinned = Lakehouse(home.settings.lakehouse_root, pins={KEY: 1})
    for ask in (
        lambda: pinned.scan(KEY),
        lambda: home.lakehouse.read(KEY, 2),
        lambda: home.lakehouse.scan(KEY, None, then),
    ):
        with pytest.raises(
            TableNotFoundError, match=r"taken away on .* because decisions in it were erased since.*Neither a"
        ):
            ask()
    assert [version.version for version in home.lakehouse.versions(KEY)] == [3, 0]
    assert home.rows(0)["row"].to_list() == [1]
    states = verify_table(home.settings.lakehouse_root, KEY, every_version=True)
    assert {state.state for state in states} <= {"whole", "erased"}
    assert sorted(state.version for state in states if state.state == "erased") == [1, 2]


def test_the_record_is_counted_again_and_its_check_holds(home: Home) -> None:
    filled(home)
    home.erase("P-1")
    forget(home.lakehouse, PORTFOLIO.name, open_logs(home.settings), erased=True)
    stored = home.lakehouse.read(KEY)
    record_of = DecisionsRecord.of(stored)
    assert record_of.logs == {"home": 3}
    assert record_of.days["2026-11-02"] == {"home": 1}
    judged = judge(submission_of(stored, {}), monitoring_write_checks(PORTFOLIO, "decisions"), home.lakehouse)
    assert judged.failed == ()
    assert home.run() == stored.version, "the asset finds nothing left to do"


def test_the_only_person_leaves_an_empty_table(home: Home) -> None:
    home.log(theirs("b", 2))
    home.run()
    home.erase("P-1")
    forget(home.lakehouse, PORTFOLIO.name, open_logs(home.settings), erased=True)
    assert home.rows().is_empty()
    assert lakehouse_files(home) == []
    home.log(record("e", moment(4)))
    home.run()
    assert home.rows().height == 1


def test_what_was_refused_forgets_too(home: Home) -> None:
    filled(home)
    home.lakehouse.write(
        refused_key(KEY), home.lakehouse.scan(KEY), summary=home.lakehouse.read(KEY).summary, partition_by="day"
    )
    home.erase("P-1")
    assert len(lakehouse_files(home)) == 2
    forget(home.lakehouse, PORTFOLIO.name, open_logs(home.settings), erased=True)
    assert lakehouse_files(home) == []
    assert home.lakehouse.read(refused_key(KEY)).version.rows == 3


def test_the_next_run_ends_an_erasure_that_reached_the_log_only(home: Home) -> None:
    filled(home)
    home.erase("P-1")
    assert lakehouse_files(home), "the log alone was reached"
    home.run()
    assert lakehouse_files(home) == []


def test_a_run_that_read_the_log_before_an_erasure_brings_nobody_back(home: Home) -> None:
    home.log(record("a", moment(1)))
    home.run()
    home.log(theirs("b", 2))
    late = read_logs(home.lakehouse, PORTFOLIO, open_logs(home.settings))
    home.erase("P-1")
    forget(home.lakehouse, PORTFOLIO.name, open_logs(home.settings), erased=True)
    with pytest.raises(Exception, match="was changed by another run"):
        home.lakehouse.replace(KEY, late.replacement, summary=late.record.to_summary())
    assert lakehouse_files(home) == [], "nor is a file of it left"


def test_the_number_of_an_erased_row_given_again_is_another_row(home: Home) -> None:
    home.log(record("a", moment(1)), theirs("b", 2))
    home.run()
    home.erase("P-1")
    home.log(record("c", moment(3), "A-9"))
    home.run()
    assert home.rows()["day"].dt.day().to_list() == [1, 3]
    assert lakehouse_files(home) == []


def test_a_lost_log_is_no_erasure(home: Home) -> None:
    filled(home)
    home.store.close()
    before = home.rows()
    for path in Path(str(home.store.engine.url.database)).parent.glob("decisions.db*"):
        path.unlink()
    with pytest.raises(Exception, match="is gone"):
        home.run()
    home.store.count()  # makes an empty one
    with pytest.raises(DecisionLogLostError):
        home.run()
    assert home.rows().equals(before)


def test_nobody_stands_in_a_checkpoint_of_deltas_log(home: Home) -> None:
    filled(home)
    for i in range(100):
        home.log(record(f"more-{i}", moment(4 + i % 2), f"B-{i}"))
        home.run()
    log = Path(home.settings.lakehouse_root) / KEY / "_delta_log"
    assert list(log.glob("*.checkpoint.parquet"))
    home.erase("P-1")
    forget(home.lakehouse, PORTFOLIO.name, open_logs(home.settings), erased=True)
    assert lakehouse_files(home) == []
    assert [version.version for version in home.lakehouse.versions(KEY)][1:] == [0]
    assert DeltaTable(str(log.parent)).to_pyarrow_table().num_rows == 103


def test_another_log_by_the_same_name_has_erased_nobody(home: Home) -> None:
    filled(home)
    before = home.rows()
    other = DecisionStore(f"sqlite:///{home.settings.home / 'new.db'}")
    other.append([record("z", moment(4))])
    moved = home.settings.model_copy(update={"decision_log_url": f"sqlite:///{home.settings.home / 'new.db'}"})
    with pytest.raises(DecisionLogError, match="called home, lacks 4 decisions that the table holds, and 0 were ever"):
        forget(home.lakehouse, PORTFOLIO.name, open_logs(moved))
    other.close()
    assert home.rows().equals(before)


KILLED = """
import os, signal, sys
from pathlib import Path
from credit_platform.lakehouse import Lakehouse, vacuum
from credit_platform.lakehouse.lakehouse import Lakehouse as Door
from credit_platform.monitoring.decisions import forgetting
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.settings import Settings
moment, home = sys.argv[1:]
die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
if moment == "before the table":
    forgetting._write_without = die
elif moment == "before old versions":
    Door.withdraw = die
else:
    vacuum.Remains.remove = die
settings = Settings(home=Path(home))
forgetting.forget(Lakehouse(settings.lakehouse_root), "german_credit", open_logs(settings), erased=True)
"""


@pytest.mark.parametrize("when", ["before the table", "before old versions", "before files"])
def test_an_erasure_killed_half_way_is_ended_by_a_rerun(home: Home, when: str) -> None:
    filled(home)
    home.erase("P-1")
    killed = subprocess.run([sys.executable, "-c", KILLED, when, str(home.settings.home)], check=False, env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert lakehouse_files(home), "it was killed before the end"
    forget(home.lakehouse, PORTFOLIO.name, open_logs(home.settings), erased=True)
    assert lakehouse_files(home) == []
    assert home.rows()["row"].to_list() == [1, 3, 4]
