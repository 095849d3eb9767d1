"""Judges of a raw table: nothing lost, not too much rejected, nobody in two files, nothing unusual; and of the report.

What is here: functions from rows and counts to a `Verdict`.
What to add here: a rule that a raw table as a whole must keep to be stored, or that its report must.
What must not be here: rules on single rows (`rules.py`), looking for what is unusual (`findings.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from credit_platform.lakehouse import Verdict
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality.examples import Example
from credit_platform.quality.findings import Finding, Severity, explain_rejections, note_usual, summarise
from credit_platform.quality.records import IngestCounts

_SHOWN_APPLICANTS = 5


def rows_conserved(rows_in: int, kept: int, rejected: int) -> Verdict:
    """Whether every row of the file was either kept or rejected."""
    return Verdict(
        check="rows_conserved",
        passed=rows_in == kept + rejected,
        numbers={"rows_in": rows_in, "kept": kept, "rejected": rejected},
        message=f"{rows_in} rows in the file, {kept} kept, {rejected} rejected.",
        final=True,
    )


def rejected_share(table: SourceTable, counts: IngestCounts, where: str, examples: Sequence[Example] = ()) -> Verdict:
    """Whether no more rows were rejected than the contract of `table` allows.

    Args:
        table: the declaration of the file.
        counts: of its rows.
        where: table in which the rejected rows lie.
        examples: values of the file that break the rule of most rows, to be shown.
    """
    rejected, rows_in = counts.rejected, counts.rows_in
    by_rule = ", ".join(f"{rule}: {rows}" for rule, rows in counts.by_rule.items())
    explained = explain_rejections(counts.by_rule, rows_in, examples)
    return Verdict(
        check="rejected_share",
        passed=rejected <= table.max_rejected_share * rows_in,
        numbers={"rejected": rejected, "share": rejected / rows_in, "allowed_share": table.max_rejected_share},
        message=f"{rejected} of {rows_in} rows of {table.file_name} rejected"
        + (f" ({by_rule}). See {where} for the rows." if by_rule else ".")
        + (f" {explained}" if explained else ""),
    )


def in_one_file_only(
    key: str, scoring: tuple[SourceTable, pl.LazyFrame], training: tuple[SourceTable, pl.LazyFrame] | None
) -> Verdict:
    """Whether no applicant of the file to be scored is in the file with known outcomes, too.

    Args:
        key: column that identifies an applicant in both.
        scoring: the table to be scored, and its rows.
        training: the table with outcomes and its rows; None when none was stored yet.
    """
    name = "in_one_file_only"
    if training is None:
        return Verdict(check=name, passed=True, message="There is no table with outcomes yet.", final=True)
    known = training[1].select(key).unique()
    both = scoring[1].select(key).join(known, on=key, how="semi").unique().sort(key).collect(engine="streaming")
    files = f"{training[0].file_name} (outcome known) and {scoring[0].file_name} (to be scored)"
    if both.is_empty():
        return Verdict(check=name, passed=True, numbers={"in_both": 0}, message=f"Nobody is in {files}.", final=True)
    shown = ", ".join(map(str, both.head(_SHOWN_APPLICANTS)[key]))
    more = "" if both.height <= _SHOWN_APPLICANTS else f" and {both.height - _SHOWN_APPLICANTS} more"
    who = "1 applicant is" if both.height == 1 else f"{both.height} applicants are"
    return Verdict(
        check=name,
        passed=False,
        numbers={"in_both": both.height},
        message=f"{who} in both {files}: {key} {shown}{more}. An applicant has an outcome or is still to be scored: "
        "take each out of one of the two files.",
        final=True,
    )


def nothing_unusual(findings: Sequence[Finding]) -> Verdict:
    """Whether ingestion found nothing that a person should look at; a warning where it did."""
    every = list(findings)
    found = [finding for finding in every if finding.severity is Severity.WARNING]
    return Verdict(
        check="findings",
        passed=not found,
        warns=True,
        numbers={"warnings": len(found), "notes": len(every) - len(found)},
        message=" ".join(summarise(found)) or f"Nothing unusual. {note_usual(every)}".strip(),
        listed=[{"rule": finding.rule, "message": finding.message} for finding in found or every],
    )


def every_row_has_a_rule(rejected: pl.LazyFrame) -> Verdict:
    """Whether each rejected row says which rule it broke and on which line of the file it stands; it only warns."""
    rule, line = pl.col("rule").fill_null("").str.strip_chars(), pl.col("line")
    unsaid = (rule == "") | line.is_null() | (line < 1)
    rows, wrong = rejected.select(pl.len(), unsaid.sum()).collect(engine="streaming").row(0)
    return Verdict(
        check="every_row_has_a_rule",
        passed=not wrong,
        warns=True,
        numbers={"rows": rows, "unsaid": wrong},
        message=f"{rows} rows were rejected, {wrong} of them without the rule that they broke or without their line.",
    )
