"""Whose the raw rows of a request are: an applicant is never decided about by the histories of another one.

What is here: `check_whose`.
What to add here: another way in which rows say whose they are.
What must not be here: what a key is (`values/identity.py`), and the other checks of a row (`features.request_rows`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from credit_platform.errors import RequestError
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.values import Fault, has_number_as_key, identify

_Rows = Sequence[Mapping[str, object]]


def check_whose(portfolio: Portfolio, histories: Mapping[str, _Rows], applicant_id: str | None) -> None:
    """Make sure that all rows, where they hold the applicants' key, are of one applicant: the one who is named.

    An identifier from elsewhere is nobody's key, so that rows of anyone, but of one alone, may come with it.

    Args:
        portfolio: whose key it is.
        histories: rows by table, each checked already.
        applicant_id: of the request.

    Raises:
        RequestError: a row is of another applicant; `field` is the path of its key.
    """
    key = portfolio.applicant_key
    whose: object = None
    other = "the rows before it"
    if applicant_id is not None and has_number_as_key(portfolio):
        name = identify(portfolio, applicant_id)
        if not isinstance(name, Fault) and name.isdecimal():
            whose, other = int(name), "applicant_id"
    for table, rows in histories.items():
        found = {row.get(key) for row in rows} - {None, whose}
        if not found:
            continue
        if whose is None:
            whose = next(row[key] for row in rows if row.get(key) is not None)
            found.discard(whose)
        if found:
            path = f"histories.{table}[{next(n for n, row in enumerate(rows) if row.get(key) in found)}].{key}"
            cure = f"Send the rows of one applicant; {key} may be left out of them."
            raise RequestError(f"{path} names another applicant than {other}.", cure, path)
