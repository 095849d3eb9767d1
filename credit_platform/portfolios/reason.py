"""The vocabulary of what an applicant is told: wordings, when each is true, and whom to ask.

What is here: frozen dataclasses only: a condition, a wording, a source of data, a family of reasons, a contact.
What to add here: an operator of `Condition`, when a sentence needs it (`scoring.wordings` evaluates it).
What must not be here: a sentence, the name of a feature, and anything that computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Operator = Literal["known", "unknown", "==", "in", "<", "<=", ">", ">="]
Situation = Literal["adverse", "favourable", "nothing_known", "not_looked_at"]
OPERATORS: tuple[str, ...] = get_args(Operator)
SITUATIONS: tuple[str, ...] = get_args(Situation)
Value = float | str | tuple[float | str, ...] | None


@dataclass(frozen=True)
class Condition:
    """Something that must hold of one feature's value. Of a value that is not known only `unknown` holds."""

    feature: str
    operator: Operator
    value: Value = None


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A sentence in both languages, and when it is true."""

    situation: Situation
    """`adverse` is said when the family raised the risk, `favourable` when it lowered it. The others are said on both
    sides: `nothing_known` when every table of the family's source was looked at, `not_looked_at` when one was not."""
    fr: str
    en: str
    when: tuple[Condition, ...] = ()
    """All must hold of the applicant's feature values; otherwise the sentence is not said."""


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """Records beside the application, as an applicant would call them."""

    tables: tuple[str, ...]
    """Raw tables of the portfolio."""
    fr: str
    en: str
    """As part of a list, without a full stop."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A family of features and what to tell an applicant about it. Texts are whole sentences in the second person.

    The wordings are tried in their order, the most specific first; the first that fits is said. When none fits, the
    side's own sentence is, so that one must be true whatever the values are.
    """

    code: str
    adverse_fr: str
    adverse_en: str
    """Said when the family raised the risk, or lowered it too little, and no wording fits."""
    favourable_fr: str
    favourable_en: str
    """Said when the family lowered the risk, or raised it least, and no wording fits."""
    wordings: tuple[Wording, ...] = ()
    source: DataSource | None = None
    """Where the features of the family come from, when it is not the application."""

    def text(self, language: str, *, adverse: bool) -> str:
        """The sentence of last resort in `language` ("fr" or "en")."""
        side = "adverse" if adverse else "favourable"
        text: str = getattr(self, f"{side}_{language}")
        return text

    @property
    def all_wordings(self) -> tuple[Wording, ...]:
        """Every sentence of the family; the last two are those of last resort."""
        return (
            *self.wordings,
            Wording(situation="adverse", fr=self.adverse_fr, en=self.adverse_en),
            Wording(situation="favourable", fr=self.favourable_fr, en=self.favourable_en),
        )


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Whom an applicant asks for a review by a person. The default is made up, and says so."""

    name: str = "Prêt à dépenser, service des réexamens (exemple fictif)"
    email: str = "reexamen@pret-a-depenser.example"
    address: str = "1 rue de l'Exemple, 00000 Exempleville"
    phone: str = "+33 1 99 00 00 00"
    """Of the range that the French regulator keeps for fiction (ARCEP, decision 2018-0881)."""
    example: bool = True
    """Whether this is no real contact: set it to False with the lender's own."""
