"""Who answers for the models of a portfolio, as their documents name them.

What is here: `Responsible`.
What must not be here: whom an applicant asks (`reason.Contact`), who may approve (`approval.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Responsible:
    """Owner of the models. The default is made up, and says so."""

    name: str = "Prêt à dépenser, credit risk models (example)"
    email: str = "risk-models@pret-a-depenser.example"
    example: bool = True
    """Whether nobody real is named: set it to False with the lender's own."""
