"""The words of a scorer: what its answers tell applicants, kept with it so that an answer can be given again.

What is here: `Words`, from a portfolio or from the file `reasons.json` of a scorer.
What to add here: other words that answers hold.
What must not be here: the words themselves (they are the portfolio's), and their choice (`reasons.py`).

A scorer that was saved before there was such a file has the words that the package had then
(`portfolios.reasons_before`), without conditions: it answers, and its decisions are replayed, as before.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from credit_platform.errors import ScorerError
from credit_platform.portfolios import reasons_before
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Reason
from credit_platform.scoring.decision import DataUsed, Language, Outcome, Rights
from credit_platform.scoring.folder import canonical_json
from credit_platform.scoring.rights import RightsWords
from credit_platform.scoring.wordings import reasons_from_json, reasons_to_json

REASONS_FILE = "reasons.json"
_VERSION = 1


class Words:
    """Families of reasons with their wordings, and the rights of somebody who is refused."""

    def __init__(self, reasons: tuple[Reason, ...], rights: RightsWords, *, saved: bool = True) -> None:
        """Take families and rights; `saved` tells whether they belong to the scorer's files."""
        self.reasons = reasons
        self._rights = rights
        self._saved = saved

    @classmethod
    def of(cls, portfolio: Portfolio) -> Words:
        """What a portfolio declares now."""
        return cls(portfolio.reasons, RightsWords.of(portfolio.contact, portfolio.reasons))

    @classmethod
    def load(cls, path: Path | None, portfolio: Portfolio) -> Words:
        """Read what `files` wrote; without a path, the words from before there was such a file.

        Raises:
            ScorerError: the file is of another form, or of another version of it.
        """
        if path is None:
            before = reasons_before(portfolio.name) or portfolio.reasons
            return cls(before, RightsWords.of(portfolio.contact, portfolio.reasons), saved=False)
        try:
            value: dict[str, Any] = json.loads(path.read_bytes())
            if value["version"] != _VERSION:
                raise ScorerError(f"{path} has version {value['version']!r}.", "Load it with the code that made it.")
            reasons = reasons_from_json(value["reasons"])
            return cls(reasons, RightsWords.from_json(value["rights"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ScorerError(f"{path} cannot be read: {error!r}.", "Build the scorer again.") from error

    def files(self) -> dict[str, bytes]:
        """What of it belongs into the scorer's folder."""
        if not self._saved:
            return {}
        content = {"version": _VERSION, "reasons": reasons_to_json(self.reasons), "rights": self._rights.to_json()}
        return {REASONS_FILE: canonical_json(content)}

    @property
    def contact(self) -> dict[str, Any]:
        """Whom to ask for a review: `name`, `email`, `address`, `phone`, and whether it is an `example`."""
        return self._rights.contact

    def rights(self, outcome: Outcome, used: DataUsed, language: Language) -> Rights | None:
        """Rights after one decision; None when the loan is granted."""
        return self._rights.rights(outcome, used, language)
