"""Checkpoints in a bucket, on a real S3 API: the same proof as in a folder, and nothing is written over."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import from_url
from sqlalchemy import update

from credit_platform.errors import DecisionLogError, DecisionLogLostError, PromotionRefusedError
from credit_platform.local.backup.finding import find_backup
from credit_platform.local.backup.making import make_backup
from credit_platform.local.backup.restoring import restore_backup
from credit_platform.monitoring.decision_log import DecisionStore, DecisionWriter, verify
from credit_platform.monitoring.decision_log import checkpoints as module
from credit_platform.monitoring.decision_log.chain import Head
from credit_platform.monitoring.decision_log.checkpoint_store import RemoteFolder, _chosen, put_line
from credit_platform.monitoring.decision_log.checkpoints import CheckpointWriter, add_lines, read_files, read_raw
from credit_platform.monitoring.decision_log.schema import DECISIONS
from credit_platform.monitoring.promotion_checkpoints import record_promotion, verify_promotions
from credit_platform.settings import Settings
from credit_platform_tests.s3_server import SECRET, S3Server
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT, make_record
from credit_platform_tests.unit.monitoring.decision_log.writing import append_each


@pytest.fixture
def root(s3: S3Server) -> str:
    return f"s3://{s3.new_bucket()}/check points"


@pytest.fixture
def store(root: str, sqlite_url: str) -> Iterator[DecisionStore]:
    store = DecisionStore(sqlite_url, root)
    yield store
    store.close()


def fill(store: DecisionStore, count: int = 12) -> None:
    for number in range(count):
        store.append([make_record(f"r{number}", applicant_id=f"A-{number}")])


def objects(root: str) -> list[str]:
    bucket = from_url(root, client_options={"allow_http": True})
    return sorted(entry["path"] for chunk in obstore.list(bucket) for entry in chunk)


def test_a_log_is_proven_by_what_lies_in_the_bucket(store: DecisionStore, root: str, tmp_path: Path) -> None:
    fill(store)
    store.erase("A-3", ACT)
    assert len(objects(root)) > 12
    found = verify(store)
    assert (found.findings, found.uncovered, found.decisions, found.removed) == ([], 0, 11, 1)
    store.close()
    (name,) = objects(root)  # of one writer, put together
    assert name.startswith("sqlite-decisions/")
    assert verify(store).is_clean
    assert not list(tmp_path.rglob("*.jsonl"))
    with DecisionStore(store.engine.url.render_as_string(), root).session() as connection:
        connection.execute(update(DECISIONS).where(DECISIONS.c.request_id == "r5").values(decision="accepted"))
        connection.commit()
    assert {one.kind for one in verify(store).findings} == {"changed"}
    Path(str(store.engine.url.database)).unlink()
    with pytest.raises(DecisionLogLostError, match=r"s3://.*vouch"):
        store.require_whole()


def test_the_service_writes_there_too(root: str, sqlite_url: str) -> None:
    store = DecisionStore(sqlite_url, root)
    writer = DecisionWriter(store)
    writer.start()
    asyncio.run(append_each(writer, [f"w{number}" for number in range(5)]))
    writer.stop()
    assert (verify(store).findings, verify(store).uncovered) == ([], 0)


def test_nothing_is_written_over_and_a_lost_answer_is_no_loss(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RemoteFolder(root) / "log"
    first, second = CheckpointWriter(folder, "w"), CheckpointWriter(folder, "w")
    first.append("start", Head(0, ""))
    with pytest.raises(DecisionLogError, match="Somebody else wrote checkpoint 1 of w"):
        second.append("start", Head(0, "x"))

    def arrives_and_says_nothing(*arguments: Any) -> bool:
        put_line(*arguments)
        raise DecisionLogError("The answer was lost.", "Again.")

    monkeypatch.setattr(module, "put_line", arrives_and_says_nothing)
    with pytest.raises(DecisionLogError, match="lost"):
        first.append("checkpoint", Head(1, "a"), ["00" * 32])
    monkeypatch.setattr(module, "put_line", put_line)
    first.append("checkpoint", Head(2, "b"), ["00" * 32, "11" * 32])
    (file,) = read_files(folder).values()
    assert (file.problem, [line.sequence for line in file.lines]) == (None, [0, 1, 2])
    assert first.lines == 3


def test_a_line_that_is_gone_or_altered_shows(root: str) -> None:
    folder = RemoteFolder(root) / "log"
    writer = CheckpointWriter(folder, "w")
    for number in range(4):
        writer.append("checkpoint", Head(number, str(number)), ["00" * 32])
    bucket = from_url(f"{root}/log", client_options={"allow_http": True})
    name = "w/00000002-00000002.jsonl"
    whole = bytes(obstore.get(bucket, name).bytes())
    obstore.put(bucket, name, whole.replace(b'"1"', b'"7"'))
    assert "line 3 of its file was changed" in str(read_files(folder)["w"].problem)
    obstore.delete(bucket, name)
    assert "line 2 of its file was changed, or a line before it" in str(read_files(folder)["w"].problem)


def test_many_lines_become_one_object(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOGETHER", 5)
    folder = RemoteFolder(root) / "log"
    writer = CheckpointWriter(folder, "w")
    for number in range(12):
        writer.append("checkpoint", Head(number, str(number)), ["00" * 32])
    assert len(objects(root)) == 4
    raw = read_raw(folder)["w"]
    assert raw.count(b"\n") == 12
    assert read_files(folder)["w"].problem is None
    # The same lines can be carried elsewhere, and on.
    assert add_lines(RemoteFolder(root) / "copy", "w", raw[: raw.find(b"\n") + 1])
    assert add_lines(RemoteFolder(root) / "copy", "w", raw)
    assert read_raw(RemoteFolder(root) / "copy")["w"] == raw
    assert not add_lines(RemoteFolder(root) / "copy", "w", b"other\n")
    assert _chosen([(1, 1), (1, 5), (2, 2), (6, 6), (6, 10), (11, 11)]) == [(1, 5), (6, 10), (11, 11)]


def test_promotions_are_vouched_for_there(root: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, decision_checkpoints=root)
    seals: dict[int, str | None] = {version: f"{version:064x}" for version in range(3)}
    for version, seal in seals.items():
        for _ in range(2):
            record_promotion(settings, "german_credit", version, str(seal))
    found = verify_promotions(settings, "german_credit", seals)
    assert (found.findings, found.covered, found.uncovered) == ((), 3, 0)
    assert "missing" in verify_promotions(settings, "german_credit", {0: seals[0]}).findings[0]
    with pytest.raises(PromotionRefusedError):
        record_promotion(settings, "german_credit", 1, "f" * 64)


def test_a_home_is_backed_up_and_restored_with_them(root: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", decision_checkpoints=root)
    with_store = DecisionStore(settings.decision_log, settings.decision_checkpoints)
    fill(with_store, 3)
    with_store.close()
    found = find_backup(make_backup(settings, tmp_path / "backups").folder)
    later = tmp_path / "list.txt"
    shutil.rmtree(settings.home)
    later.write_text("")
    done = restore_backup(found, settings, erasures=[str(later)])
    assert done.log is not None
    assert done.log.findings == []
    assert "vouch for nothing that the backup lacks" in str(done.checkpoints)
    assert verify(DecisionStore(settings.decision_log, settings.decision_checkpoints)).is_clean


def test_a_store_that_cannot_be_used_is_told_without_a_secret(
    s3: S3Server, root: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DecisionStore("sqlite:////nowhere/x.db", "s3://no-such-bucket/x", read_only=False)
    with pytest.raises(DecisionLogError, match=r"no-such-bucket.*cannot be used.*DECISION_CHECKPOINTS"):
        read_raw(store.checkpoints)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", f"wrong {SECRET}")
    with pytest.raises(DecisionLogError) as caught:
        DecisionStore(sqlite_url, root).append([make_record()])
    assert SECRET not in str(caught.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(DecisionLogError, match="cannot be used"):
        DecisionStore(sqlite_url, root).append([make_record()])
