"""Whether a person must say yes before a model is promoted, and who may be that person.

What is here: `ApprovalPolicy`.
What to add here: another rule about who may approve.
What must not be here: which policy holds in a home, and who approved (`governance.approval`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Level = Literal["automatic", "manual", "four-eyes"]
"""The three policies, from the loosest to the strictest."""
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True, kw_only=True)
class ApprovalPolicy:
    """What it takes to promote a model that passed every check; a stricter one asks for all that a looser one does."""

    required: bool = False
    """Whether a person must approve by name; without, the gate's own yes is enough."""
    four_eyes: bool = False
    """Whether who trained the model may not be the one who approves it, by account and by name."""

    def __post_init__(self) -> None:
        """Four eyes need somebody who looks.

        Raises:
            ValueError: `four_eyes` without `required`.
        """
        if self.four_eyes and not self.required:
            raise ValueError("Four eyes mean that a person must approve: set `required`, too.")

    @classmethod
    def of(cls, level: Level) -> ApprovalPolicy:
        """The policy of this name."""
        return cls(required=level != "automatic", four_eyes=level == "four-eyes")

    @property
    def level(self) -> Level:
        """The name of the policy."""
        return "four-eyes" if self.four_eyes else "manual" if self.required else "automatic"

    @property
    def sentence(self) -> str:
        """What it asks for, as a sentence."""
        return {
            "automatic": "A model that passes every blocking check is promoted; no person need approve.",
            "manual": "A person must approve each model by name before it is promoted.",
            "four-eyes": "A person other than the one who trained it must approve each model before it is promoted.",
        }[self.level]

    def and_also(self, other: ApprovalPolicy) -> ApprovalPolicy:
        """The policy that asks for what both ask for: the stricter of the two."""
        return max(self, other, key=lambda policy: LEVELS.index(policy.level))
