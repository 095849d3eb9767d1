"""Checkpoints of the promotion history, outside its table: who owns the table can make every seal in it anew.

What is here: `vouch_for_promotions` (before a promotion, after approval, override and rollback), `verify_promotions`,
and `declare_promotions_lost` for whoever restores an older backup.
What to add here: another history whose commits are sealed one to the next.
What must not be here: dagster, and reading tables: whoever calls hands in versions and seals.

A seal names the one before (docs/adr/0019), so the newest one vouches for all before it. The file is
`<checkpoints>/promotions/<portfolio>.jsonl`, of the same lines as those of the decision log: `sequence` is the table's
version, `digest` its seal.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from credit_platform.errors import DecisionLogError, PromotionRefusedError
from credit_platform.monitoring.decision_log import Act, DecisionStore
from credit_platform.monitoring.decision_log.chain import Head
from credit_platform.monitoring.decision_log.checkpoint_lines import CheckpointFile
from credit_platform.monitoring.decision_log.checkpoint_store import RemoteFolder
from credit_platform.monitoring.decision_log.checkpoints import Place, continue_file, read_files
from credit_platform.settings import Settings


@dataclass(frozen=True, kw_only=True)
class PromotionVerification:
    """What was found about the history of one portfolio."""

    findings: tuple[str, ...]
    """Sentences; empty when all is as it was written."""
    covered: int
    """Versions up to the newest checkpoint."""
    uncovered: int
    """Versions behind it: their owner could have made them anew."""


def record_promotion(settings: Settings, portfolio: str, version: int, seal: str) -> None:
    """Vouch for a version of the promotion history, once it is committed; the same one again changes nothing.

    Args:
        settings: say where checkpoints lie.
        portfolio: whose history.
        version: of the table.
        seal: of its commit, which names the seal before.

    Raises:
        PromotionRefusedError: the history was cut or replaced: this version, or a later one, has another seal.
        DecisionLogError: the checkpoints cannot be read or written, or were altered.
    """
    folder = _folder(settings)
    with _locked(folder, portfolio):
        file = _file(folder, portfolio)
        if file.problem is not None:
            raise DecisionLogError(
                f"Checkpoints of {portfolio}'s promotions in {folder}: {file.problem}.",
                "Keep the folder as evidence, and restore it from a backup.",
            )
        head = _newest(file)
        if head == Head(version, seal):
            return
        if version <= head.sequence and head.digest:
            raise PromotionRefusedError(
                f"Version {version} of {portfolio}'s promotion history is not the one that was recorded: checkpoints "
                f"in {folder} vouch for versions up to {head.sequence}. The history was cut, altered or replaced.",
                "Restore the table; only if it is lost for good: credit-platform decisions declare-lost --promotions "
                f"{portfolio} --by NAME --reason TEXT.",
            )
        continue_file(folder, file).append("checkpoint", Head(version, seal))


def vouch_for_promotions(settings: Settings, portfolio: str, seals: Mapping[int, str | None]) -> None:
    """`record_promotion` of the newest version; nothing where it carries no seal (it was made before seals were).

    Args:
        settings: say where checkpoints lie.
        portfolio: whose history.
        seals: by version, of every commit of the table.

    Raises:
        PromotionRefusedError: as `record_promotion`.
        DecisionLogError: as `record_promotion`.
    """
    newest = max(seals, default=None)
    if newest is not None and (seal := seals[newest]) is not None:
        record_promotion(settings, portfolio, newest, seal)


def verify_promotions(settings: Settings, portfolio: str, seals: Mapping[int, str | None]) -> PromotionVerification:
    """Compare a history with its checkpoints; that each seal names the one before is for the caller to check.

    Args:
        settings: say where checkpoints lie.
        portfolio: whose history.
        seals: by version, of every commit of the table; None for a commit that carries none.

    Raises:
        DecisionLogError: the checkpoints cannot be read.
    """
    file = _file(_folder(settings), portfolio)
    findings = [] if file.problem is None else [f"Checkpoints of {portfolio}'s promotions: {file.problem}."]
    for version, seal in _standing(file).items():
        place = f"Version {version} of {portfolio}'s promotion history"
        if version not in seals:
            findings.append(f"{place} is missing: a checkpoint vouches for it.")
        elif seals[version] != seal:
            findings.append(f"{place} was altered: its seal is not the one of its checkpoint.")
    newest = _newest(file)
    covered = sum(1 for version in seals if newest.digest and version <= newest.sequence)
    return PromotionVerification(findings=tuple(findings), covered=covered, uncovered=len(seals) - covered)


def declare_promotions_lost(settings: Settings, portfolio: str, act: Act) -> int:
    """Let a history go on that is shorter than its checkpoints; the file keeps who said so, and why.

    Returns:
        The newest version that was vouched for until now; later records start anew.

    Raises:
        DecisionLogError: the checkpoints cannot be read or written.
    """
    folder = _folder(settings)
    with _locked(folder, portfolio):
        file = _file(folder, portfolio)
        head = _newest(file)
        facts = {"person": act.person, "account": act.account, "reason": act.reason}
        continue_file(folder, file).append("lost", head, (), **facts)
    return head.sequence


def _folder(settings: Settings) -> Place:
    return DecisionStore(settings.decision_log, settings.decision_checkpoints).checkpoints.parent / "promotions"


def _file(folder: Place, portfolio: str) -> CheckpointFile:
    return read_files(folder).get(portfolio) or CheckpointFile(writer=portfolio, lines=(), digests=())


def _standing(file: CheckpointFile) -> dict[int, str]:
    """Seal by version, of all that must be in the table: what was vouched for since the last declaration of a loss."""
    seals: dict[int, str] = {}
    for line in file.lines:
        if line.kind == "lost":
            seals.clear()
        else:
            seals[line.sequence] = line.digest
    return seals


def _newest(file: CheckpointFile) -> Head:
    seals = _standing(file)
    return Head(max(seals), seals[max(seals)]) if seals else Head(0, "")


@contextmanager
def _locked(folder: Place, portfolio: str) -> Iterator[None]:
    """Only one process at a time appends: a command and the daemon may promote at once.

    In an object store nobody waits: of two that put the same line, the second is refused there.
    """
    if isinstance(folder, RemoteFolder):
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / f".{portfolio}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise DecisionLogError(
            f"The checkpoints of promotions cannot be written to {folder} ({error.strerror}).",
            "Mend its rights, or set CREDIT_PLATFORM_DECISION_CHECKPOINTS to another folder.",
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _cut_half_line(folder / f"{portfolio}.jsonl")
        yield
    finally:
        os.close(handle)


def _cut_half_line(file: Path) -> None:
    """What power left behind the last line break vouches for nothing, and would spoil the next line."""
    content = file.read_bytes() if file.exists() else b""
    if content and not content.endswith(b"\n"):
        os.truncate(file, content.rfind(b"\n") + 1)
