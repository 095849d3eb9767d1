"""Write decisions as fast as the log takes them, in slices that somebody else starts; see `compare_serving.py`.

`PYTHONPATH=<checkout> python scripts/decision_load.py 16 made-up <folder>` runs the code of that checkout, also of an
older one, so it uses only what every version of the decision log has. It says `ready`, and answers each line that it
reads with the microseconds of processor time (user and system) that a decision of one slice took, threads included.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bento import identifiers
from credit_platform.monitoring.decision_log import DecisionRecord, DecisionStore, DecisionWriter

WARM_UP, SLICE = 1500, 160
"""Decisions before the first slice, and of each slice."""
_VALUES: dict[str, Any] = {
    "client": "0123abcd",
    "portfolio": "german_credit",
    "inputs": json.dumps({"application": {f"column_{n}": f"value {n}" for n in range(20)}}),
    "inputs_digest": "d" * 64,
    "features": json.dumps({f"feature_{n}__sum": n * 0.37 + 0.1 for n in range(45)}),
    "probability": 0.123,
    "decision": "accepted",
    "threshold": 1 / 6,
    "points": 500,
    "language": "fr",
    "answer": json.dumps(
        {"reasons": [{"code": f"r{n}", "text": "Why it is so, in a sentence." * 12} for n in range(4)]}
    ),
    "model_name": "german_credit",
    "model_version": "abc",
    "model_digest": "e" * 64,
    "feature_version": "f",
    "latency_ms": 1.5,
}
"""As long as those of a decision of German Credit: about 4 KB."""


def _record(new_id: Callable[[], str], number: int) -> DecisionRecord:
    applicant = f"A-{number}" if number % 3 == 0 else None
    return DecisionRecord(decided_at=datetime.now(UTC), request_id=new_id(), applicant_id=applicant, **_VALUES)


def _at_random() -> str:
    return uuid.uuid4().hex


async def _write(writer: DecisionWriter, new_id: Callable[[], str], decisions: int, together: int) -> None:
    for first in range(0, decisions, together):
        records = [_record(new_id, first + place) for place in range(together)]
        await asyncio.gather(*(writer.append([record]) for record in records))


async def _serve(writer: DecisionWriter, new_id: Callable[[], str], together: int) -> None:
    loop = asyncio.get_running_loop()
    await _write(writer, new_id, WARM_UP, together)
    print("ready", flush=True)  # noqa: T201  # what the other process waits for
    decisions = max(SLICE, 5 * together) // together * together
    while await loop.run_in_executor(None, sys.stdin.readline):
        started = time.process_time()
        await _write(writer, new_id, decisions, together)
        print((time.process_time() - started) / decisions * 1e6, flush=True)  # noqa: T201  # as above


def main() -> None:
    """Write until standard input closes."""
    together, ids, folder = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    new_id = getattr(identifiers, "new_request_id", _at_random) if ids == "made-up" else _at_random
    # As the service does.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    sys.setswitchinterval(0.0005)
    writer = DecisionWriter(DecisionStore(f"sqlite:///{folder / 'decisions' / 'decisions.db'}"), coming=lambda: 0)
    writer.start()
    try:
        asyncio.run(_serve(writer, new_id, together))
    finally:
        writer.stop()


if __name__ == "__main__":
    main()
