"""Judges of what is written about a model: evidence and documents are about the scorer that is in force.

What is here: functions from records and rows to a `Verdict`.
What to add here: a rule that a table of the governance or serving layer must keep.
What must not be here: the promotion gate (`gate.py`), whose refusals are records.
"""

from __future__ import annotations

import polars as pl

from credit_platform.lakehouse import Verdict

_SHOWN = 12


def about_the_scorer(digest: str | None, scorer: str | None) -> Verdict:
    """Whether a piece of evidence was made for the scorer in force; it only warns, for the gate decides.

    Args:
        digest: of the scorer that the evidence records.
        scorer: of the scorer in force.
    """
    same = digest is not None and digest == scorer
    return Verdict(
        check="about_the_scorer",
        passed=same,
        warns=True,
        numbers={"digest": _short(digest), "scorer": _short(scorer)},
        message=f"It is about scorer {_short(digest)}"
        + (", which is in force." if same else f", and scorer {_short(scorer)} is in force: make it again."),
    )


def every_figure_sourced(figures: pl.LazyFrame) -> Verdict:
    """Whether a document has figures, and each is printed and names the table that it was read from."""
    rows = figures.select("document", "text", "table").collect()
    bare = rows.filter(pl.any_horizontal(pl.col("text", "table").fill_null("").str.strip_chars() == "")).height
    return Verdict(
        check="every_figure_sourced",
        passed=not rows.is_empty() and not bare,
        numbers={"figures": rows.height, "without_source": bare},
        message=f"{rows.height} figures, {bare} of them not printed or without the table that they were read from.",
    )


def registered_as(recorded: str | None, registry: str | None, version: str) -> Verdict:
    """Whether the version of the model registry is the scorer that the table records; it only warns.

    Args:
        recorded: digest that the table records.
        registry: digest that the registry holds of the version; None for a version that it does not have.
        version: in the registry.
    """
    same = recorded is not None and recorded == registry
    return Verdict(
        check="registered_as_recorded",
        passed=same,
        warns=True,
        numbers={"version": version, "recorded": _short(recorded), "registry": _short(registry)},
        message=f"Version {version} of the registry holds scorer {_short(registry)}"
        + (", as recorded." if same else f", recorded is {_short(recorded)}: register it again."),
    )


def champion_untouched(difference: str | None) -> Verdict:
    """Whether nobody changed the champion in the registry by hand; it only warns: what serves follows the tables.

    Args:
        difference: what the registry says otherwise than the table, as sentences; None where they agree.
    """
    return Verdict(
        check="champion_untouched",
        passed=difference is None,
        warns=True,
        message=difference or "The registry says of the champion what the promotion history says.",
    )


def alias_agrees(version: str | None, champion: str | None) -> Verdict:
    """Whether the registry's alias of the champion is on the version that the table records; it only warns."""
    same = version is not None and version == champion
    return Verdict(
        check="alias_agrees",
        passed=same,
        warns=True,
        numbers={"recorded": version or "none", "alias": champion or "none"},
        message=f"The alias `champion` of the registry is on version {champion or 'none'}"
        + (", as recorded." if same else f"; the promoted model is version {version or 'none'}: promote it again."),
    )


def _short(digest: str | None) -> str:
    return digest[:_SHOWN] if digest else "none"
