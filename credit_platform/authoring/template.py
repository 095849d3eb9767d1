"""The modules of a new portfolio, as texts: what was seen in a file, in the words of `portfolios`.

What is here: `modules`, each module's text by its path in the portfolio's folder.
What to add here: a module that every portfolio has.
What must not be here: guessing (`looking.py`), writing to a disk (`making.py`).

What a person has to decide is marked `FILL IN` in the texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from credit_platform.authoring.looking import Seen, SeenColumn
from credit_platform.portfolios.source_table import ColumnType

TABLE = "applications"
FILE_NAME = "applications.csv"
MARK = "FILL IN"
_WORDS = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])")


def modules(name: str, seen: Seen) -> dict[str, str]:
    """Texts of the modules of portfolio `name`, by path in its folder."""
    used = [column for column in seen.applicant_columns if column.is_used]
    codes = _codes(used)
    return {
        "__init__.py": f'"""{_title(name)}: made from a file by `credit-platform new-portfolio`."""\n',
        "tables.py": _tables(seen),
        "features.py": _features(used, codes, [column for column in used if column.audited]),
        "reasons/__init__.py": _reasons(used, codes),
        "claims/__init__.py": _CLAIMS.replace("KEY", repr(seen.key)),
        "portfolio.py": _portfolio(name, seen, used),
    }


def words(name: str) -> str:
    """A column's name as words: `MonthlyIncome` is "monthly income"."""
    return " ".join(_WORDS.findall(_HUMP.sub(" ", name))).lower()


def _title(name: str) -> str:
    return words(name).capitalize()


def _codes(columns: Sequence[SeenColumn]) -> Mapping[str, str]:
    """A name without signs for each column, all different: of its feature and of its family of reasons."""
    codes: dict[str, str] = {}
    for column in columns:
        code = re.sub(r"\W+", "_", words(column.name)) or "column"
        while code in codes.values():
            code += "_"
        codes[column.name] = code
    return codes


def _tables(seen: Seen) -> str:
    columns = "".join(f"        Column({_arguments(one, seen)}),\n" for one in seen.columns)
    return f'''"""The contract of the one file of loans."""

from __future__ import annotations

from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable

# {MARK}: what each column means, its unit, and the range or the values that are valid. What is said here of nulls and
# categories is what the file showed; a row that breaks it is set aside.
APPLICATIONS = SourceTable(
    name="{TABLE}",
    file_name="{FILE_NAME}",
    description="One row per loan.",
    primary_key=({seen.key!r},),
    columns=(
{columns}    ),
)
'''


def _arguments(column: SeenColumn, seen: Seen) -> str:
    if column.name == seen.target:
        described = "Outcome: 1 for a default, 0 for a loan that was repaid."
        return f"name={column.name!r}, type=ColumnType.INT8, description={described!r}, allowed=(0, 1)"
    told = [f"name={column.name!r}", f"type=ColumnType.{column.type.name}"]
    label = "Number of the loan" if column.name == seen.key else words(column.name).capitalize() or column.name
    told.append(f"description={label + '.'!r}")
    if column.nulls:
        told.append("nullable=True")
    if column.categories is not None and column.name != seen.key:
        told.append(f"allowed={column.categories!r}")
    if column.minimum is not None and column.minimum >= 0:
        told.append("minimum=0")
    told += [f"protected={column.protected!r}"] if column.protected else []
    told += [f"audited={column.audited!r}"] if column.audited else []
    return ", ".join(told)


def _features(used: Sequence[SeenColumn], codes: Mapping[str, str], ages: Sequence[SeenColumn]) -> str:
    body = "".join(f"    Feature({_feature(column, codes[column.name])}),\n" for column in used)
    bands = "".join(f"    age_band({column.name!r}),\n" for column in ages)
    return f'''"""Features: one of each column that a model may see, as it is."""

from __future__ import annotations

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureGroup, FeatureKind

# {MARK}: units and ranges, `monotone` where the sign is beyond doubt, and what several columns tell together.
FEATURES = (
{body})

APPLICATION = FeatureGroup(
    name="{TABLE}",
    table="{TABLE}",
    description="What the applicant states.",
    features=FEATURES,
)


def age_band(column: str) -> Feature:
    """Age in bands, for the audit alone."""
    age = nw.col(column)
    return Feature(
        name="age_band",
        expression=nw.when(age <= 25)
        .then(nw.lit("to 25"))
        .when(age <= 40)
        .then(nw.lit("26 to 40"))
        .when(age <= 60)
        .then(nw.lit("41 to 60"))
        .when(age > 60)
        .then(nw.lit("61 and above"))
        .otherwise(None),
        description="Age in bands.",
        reason="audit",
        kind=FeatureKind.CATEGORICAL,
    )


AUDIT_FEATURES: tuple[Feature, ...] = (
{bands})
'''


def _feature(column: SeenColumn, code: str) -> str:
    told = [f'name="{TABLE}__{code}"', f"expression=nw.col({column.name!r})"]
    told += [f"description={words(column.name).capitalize() + '.'!r}", f"reason={code!r}"]
    if column.categories is not None:
        told.append("kind=FeatureKind.CATEGORICAL")
    elif column.minimum is not None and column.minimum >= 0:
        told.append("minimum=0")
    return ", ".join(told)


def _reasons(used: Sequence[SeenColumn], codes: Mapping[str, str]) -> str:
    families = "".join(
        f"    known_of({codes[one.name]!r}, {f'de « {words(one.name)} »'!r}, {f'“{words(one.name)}”'!r}),\n"
        for one in used
    )
    return f'''"""What an applicant is told, a family of reasons for each column.

What is here: `REASONS`.
What to add here: sentences for situations (`says`, `missing` of `reason_families`), each with its claim in `claims`.
What must not be here: the claims themselves: the two must be able to disagree.
"""

from __future__ import annotations

from credit_platform.portfolios.reason import Reason
from credit_platform.portfolios.reason_families import known_of

# {MARK}: the words in « » and “ ”, in which an applicant would speak of it.
REASONS: tuple[Reason, ...] = (
{families})
'''


_CLAIMS = '''"""What the sentences of `reasons` claim: those of last resort claim nothing of a person.

What is here: `CLAIMS`.
What to add here: the claim of a new sentence, by its very text. One that is not here is a failure of the gate's check.
What must not be here: anything imported from `reasons`: the two must be able to disagree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from credit_platform.portfolios.claims import Claimless, Claims


def _facts(tables: Mapping[str, pl.LazyFrame], applicants: pl.LazyFrame) -> pl.LazyFrame:
    return tables["applications"].join(applicants, on=KEY, how="semi")


_OF = ("What we know, or do not know, of [^.]+", "Ce que nous savons ou ne savons pas [^.]+")
_NOT = ("does not speak enough for this application", "ne parle pas assez pour cette demande")
_FOR = ("does not stand in the way of this loan", "ne s'oppose pas à ce prêt")

CLAIMS = Claims(
    facts=_facts,
    claims=(),
    claimless=(
        *(Claimless(pattern=re.compile(rf"{of} {no}\\."), speaks="against") for of, no in zip(_OF, _NOT, strict=True)),
        *(Claimless(pattern=re.compile(rf"{of} {end}\\."), speaks="for") for of, end in zip(_OF, _FOR, strict=True)),
    ),
)
'''


def _portfolio(name: str, seen: Seen, used: Sequence[SeenColumn]) -> str:
    example = "".join(f"    {one.name!r}: {_typical(one)!r},\n" for one in used)
    return f'''"""`PORTFOLIO`: {_title(name)}."""

from __future__ import annotations

from credit_platform.portfolios.economics import CostMatrix
from credit_platform.portfolios.{name}.features import APPLICATION, AUDIT_FEATURES
from credit_platform.portfolios.{name}.reasons import REASONS
from credit_platform.portfolios.{name}.tables import APPLICATIONS
from credit_platform.portfolios.portfolio import Portfolio

# Nobody of the file: of each column the median, or what is most frequent.
TYPICAL: dict[str, object] = {{
{example}}}

PORTFOLIO = Portfolio(
    name={name!r},
    title={_title(name)!r},
    description="{len(seen.frame):,} loans, {seen.defaults:,} of which defaulted.",
    source="{MARK}: where the data come from, and under which licence.",
    tables=(APPLICATIONS,),
    training_table=APPLICATIONS.name,
    applicant_key={seen.key!r},
    target={seen.target!r},
    feature_groups=(APPLICATION,),
    audit_features=AUDIT_FEATURES,
    reasons=REASONS,
    # {MARK}: the threshold follows from these two figures, and from nothing else.
    costs=CostMatrix(false_negative=5.0, false_positive=1.0, source="{MARK}: an example, of no lender."),
    # {MARK}: `economics`, `contact` and `retention` have examples for defaults; all nine candidates without this line.
    candidates=("logistic_regression", "lightgbm"),
    examples={{"typical": TYPICAL}},
)
'''


def _typical(column: SeenColumn) -> float | str | None:
    if column.type is ColumnType.STRING or column.type is ColumnType.FLOAT64:
        return column.median
    return None if column.median is None else int(column.median)
