"""What a judge says of a table before it is written, and where refused tables lie.

What is here: `Verdict`, `Judged` (all verdicts on one table, as a version records them) and the keys of refused tables.
What to add here: a fact that every judgement should record.
What must not be here: judging.

A table that a blocking judge refuses never becomes a version of its key. It is kept under `<key>__refused`, so that the
newest version of a key is always in force, for whoever reads the folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

_SUFFIX = "__refused"
_RECORD = "verdict"
"""Where a version's summary holds the verdicts on it."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one judge found."""

    check: str
    """Name of the check."""
    passed: bool
    message: str
    """What was found, as a sentence, also when nothing is wrong."""
    numbers: Mapping[str, float | int | str] = field(default_factory=dict)
    """Expected and actual values."""
    listed: Sequence[Mapping[str, str]] = ()
    """What is wrong, one row each, where one sentence does not hold it."""
    warns: bool = False
    """Whether what was found is only told, as what chance may explain: a verdict that warns refuses nothing."""
    final: bool = False
    """Whether nobody may put the table in force by hand: what comes after could not work with it."""

    @property
    def refuses(self) -> bool:
        """Whether a table of which this was said must not be written."""
        return not self.passed and not self.warns


@dataclass(frozen=True, kw_only=True)
class Judged:
    """All verdicts on one table, and the rules they were made by."""

    verdicts: tuple[Verdict, ...]
    rules: str
    """Digest of the code of the judges."""

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The verdicts that refuse the table."""
        return tuple(verdict for verdict in self.verdicts if verdict.refuses)

    def verdict(self, check: str) -> Verdict | None:
        """What the judge called `check` said; None when it was not asked."""
        return next((verdict for verdict in self.verdicts if verdict.check == check), None)

    def what_can_be_done(self, key: str) -> str:
        """What helps against this refusal of table `key`, as a sentence."""
        final = [verdict.check for verdict in self.failed if verdict.final]
        if final:
            return f"Mend what is named and run again; {', '.join(final)} cannot be answered for by hand."
        return (
            "Mend what is named and run again, or, if it is right nevertheless, put it in force by hand: "
            f"credit-platform accept {key} --by NAME --reason TEXT"
        )

    def says_the_same(self, other: Judged) -> bool:
        """Whether both found the same by the same rules, one of them perhaps read back from a record."""
        ours, theirs = (json.dumps(each.recorded(), sort_keys=True, default=list) for each in (self, other))
        return ours == theirs

    def recorded(self) -> dict[str, Any]:
        """Part of a version's summary."""
        return {_RECORD: {"rules": self.rules, "checks": [asdict(verdict) for verdict in self.verdicts]}}

    @classmethod
    def from_summary(cls, summary: Mapping[str, Any]) -> Judged | None:
        """What a version's summary records; None for one that was written without being judged."""
        record = summary.get(_RECORD)
        if record is None:
            return None
        return cls(verdicts=tuple(Verdict(**check) for check in record["checks"]), rules=record["rules"])


def unjudged(summary: Mapping[str, Any]) -> dict[str, Any]:
    """A summary without what was said of the rows, for rows of which it was not said."""
    return {name: value for name, value in summary.items() if name != _RECORD}


def refused_key(key: str) -> str:
    """Table that holds what was refused of `key`."""
    return f"{key}{_SUFFIX}"


def is_refused(key: str) -> bool:
    """Whether `key` names a table of refused data."""
    return key.endswith(_SUFFIX)


def key_in_force(key: str) -> str:
    """The table whose refused data `key` holds; `key` itself when it holds none."""
    return key.removesuffix(_SUFFIX)
