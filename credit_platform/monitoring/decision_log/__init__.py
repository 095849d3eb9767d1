"""The decision log: an append-only record of every decision, committed before the decision is answered.

What is here: the record (`record.py`), tables (`schema.py`) and their versions (`migrations.py`), the database
(`database.py`), writing a group (`insertion.py`), connections (`store.py`), questions (`reading.py`), erasure and
retention (`removal.py`), the chain of each writer (`chain.py`), what vouches for it outside the database
(`checkpoints.py` of `checkpoint_lines.py`, in a bucket `checkpoint_store.py`; `ledger.py`), giving one to rows of
earlier versions (`sealing.py`), following it again (`verification.py`), the thread that groups commits (`writer.py`),
what challengers said of decided requests (`shadow.py`), and rescoring (`replay.py`).
What to add here: a column in `schema.py`, with its migration; a question that an auditor asks, in `reading.py`.
What must not be here: an object-relational mapper, pandas, or anything else that the slim service does not install.
"""

from credit_platform.monitoring.decision_log.database import default_url
from credit_platform.monitoring.decision_log.reading import Filter
from credit_platform.monitoring.decision_log.record import (
    Act,
    Conflict,
    DecisionRecord,
    Recorded,
    StoredDecision,
    canonical_inputs,
)
from credit_platform.monitoring.decision_log.removal import Removal
from credit_platform.monitoring.decision_log.shadow import (
    Comparison,
    ShadowBehaviour,
    ShadowLog,
    ShadowPair,
    ShadowRecord,
)
from credit_platform.monitoring.decision_log.store import DecisionStore
from credit_platform.monitoring.decision_log.verification import Finding, Verification, verify
from credit_platform.monitoring.decision_log.writer import DecisionWriter

__all__ = [
    "Act",
    "Comparison",
    "Conflict",
    "DecisionRecord",
    "DecisionStore",
    "DecisionWriter",
    "Filter",
    "Finding",
    "Recorded",
    "Removal",
    "ShadowBehaviour",
    "ShadowLog",
    "ShadowPair",
    "ShadowRecord",
    "StoredDecision",
    "Verification",
    "canonical_inputs",
    "default_url",
    "verify",
]
