"""Asking the decision log: what an auditor, the console and a monitor want to know.

What is here: `Filter`, and `DecisionReader`, every question that changes nothing.
What to add here: another question.
What must not be here: writing, removing, and how a connection is made (`store.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log.record import DecisionRecord, StoredDecision, batch_of, client_of
from credit_platform.monitoring.decision_log.removal import Removal, read_removals
from credit_platform.monitoring.decision_log.schema import CLAIM, DECISIONS, REMOVALS, WHOSE

_PAGE = 1000
_FIELDS = ("id", *DecisionRecord.__slots__)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which decisions; what is None does not restrict."""

    applicant_id: str | None = None
    portfolio: str | None = None
    decision: str | None = None
    model_version: str | None = None
    client: str | None = None
    """Name or id of the API key that asked; empty for requests without one."""
    since: datetime | None = None
    until: datetime | None = None
    """Up to this moment, excluded."""


class DecisionReader(ABC):
    """The questions that a decision log answers."""

    @property
    @abstractmethod
    def where(self) -> str:
        """The database, without its password."""

    @abstractmethod
    def session(self, *, reading: bool = False) -> AbstractContextManager[Connection]:
        """A connection; see `DecisionStore.session`."""

    def search(self, wanted: Filter = Filter(), *, limit: int = 100) -> list[StoredDecision]:
        """The newest `limit` decisions that `wanted` lets through, newest first.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        query = self._filtered(wanted).order_by(DECISIONS.c.id.desc()).limit(limit)
        with self.session(reading=True) as connection:
            return [_stored(row) for row in connection.execute(query)]

    def each(self, wanted: Filter = Filter()) -> Iterator[StoredDecision]:
        """All decisions that `wanted` lets through, in the order of writing, without holding all of them at once.

        What is committed after the call may or may not be among them; what was before is.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        last, filtered = 0, self._filtered(wanted)
        while True:
            with self.session(reading=True) as connection:
                query = filtered.where(DECISIONS.c.id > last).order_by(DECISIONS.c.id).limit(_PAGE)
                page = [_stored(row) for row in connection.execute(query)]
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1].id

    def find(self, request_id: str, *, client: str | None = None) -> StoredDecision | None:
        """The decision of a request.

        Args:
            request_id: as the answer carried it.
            client: as `Filter.client`; needed where several clients gave the same id.

        Raises:
            DecisionLogError: several clients gave it, and none is named; or the database cannot be reached.
        """
        found = self.find_all(request_id, client=client)
        if len(found) > 1:
            raise DecisionLogError(
                f"{len(found)} clients gave a request the id {request_id}: {', '.join(map(client_of, found))}.",
                "Say whose is meant: --client NAME, with the name or id of the API key ('' for no key).",
            )
        return found[0] if found else None

    def find_all(self, request_id: str, *, client: str | None = None) -> list[StoredDecision]:
        """The decisions of all requests of that id, in the order of writing: one for each client that gave it.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        # The first decision of a batch holds the id of the batch.
        claims = [request_id, *filter(None, [batch_of(request_id)])]
        query = self._filtered(Filter(client=client)).where(CLAIM.in_(claims), DECISIONS.c.request_id == request_id)
        with self.session(reading=True) as connection:
            return [_stored(row) for row in connection.execute(query.order_by(DECISIONS.c.id))]

    def count(self, wanted: Filter = Filter()) -> int:
        """How many decisions `wanted` lets through.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        filtered = self._filtered(wanted)
        with self.session(reading=True) as connection:
            query = select(func.count()).select_from(filtered.subquery())
            return int(connection.execute(query).scalar_one())

    def removals(self) -> list[Removal]:
        """All removals, the oldest first.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        with self.session(reading=True) as connection:
            rows = connection.execute(select(REMOVALS).order_by(REMOVALS.c.id)).all()
        return read_removals(rows)

    def _filtered(self, wanted: Filter) -> Select[Any]:
        query = select(DECISIONS)
        for name in ("portfolio", "decision", "model_version"):
            value = getattr(wanted, name)
            if value is not None:
                query = query.where(DECISIONS.c[name] == value)
        if wanted.applicant_id is not None:
            query = query.where(self._about(wanted.applicant_id))
        if wanted.client is not None:
            query = query.where(or_(WHOSE == wanted.client, DECISIONS.c.client == wanted.client))  # noqa: SIM300  # a column, no constant
        if wanted.since is not None:
            query = query.where(DECISIONS.c.decided_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(DECISIONS.c.decided_at < wanted.until)
        return query

    def _about(self, applicant_id: str) -> ColumnElement[bool]:
        """The condition of a decision about an applicant, however the log spells the number that he is."""
        from credit_platform.portfolios import all_portfolios  # noqa: PLC0415  # brings polars, as the next
        from credit_platform.values import Fault, has_number_as_key, plain_number  # noqa: PLC0415  # brings polars, as the last

        logged, number = DECISIONS.c.applicant_id, plain_number(applicant_id)
        if number is None or isinstance(number, Fault):
            return logged == applicant_id
        # The service logs the plain form; before it did, a key came as it was sent.
        odd = or_(*(logged.like(pattern) for pattern in ("0%", "+%", "%.%", "%e%", "%E%")))
        with self.session(reading=True) as connection:
            names = connection.execute(select(logged).where(odd).distinct()).scalars().all()
        alike = [number, *(name for name in names if plain_number(name) == number)]
        by_number = [portfolio.name for portfolio in all_portfolios() if has_number_as_key(portfolio)]
        return or_(logged == applicant_id, logged.in_(alike) & DECISIONS.c.portfolio.in_(by_number))


def _stored(row: Row[Any]) -> StoredDecision:
    return StoredDecision(**{name: getattr(row, name) for name in _FIELDS})
