"""Names of tables, `<portfolio>/<layer>/<name>`, and of artefacts, put together and taken apart in this one place.

What is here: a function per kind of artefact, one per layer of tables, one for each table that is asked for by name
from outside of its own asset, `split_key`, and `command_of` (what makes a table). Asset keys of Dagster are made of
them (`orchestration/policies.py`).
What to add here: a function for a layer, or for a table that more than one room asks for.
What must not be here: where a table lies (`lakehouse`), what is in it, the suffix of refused tables
(`lakehouse/verdicts.py`).

Functions take the name of a portfolio, which is known where the portfolio itself may not be loaded.
"""

from __future__ import annotations

from typing import NamedTuple

_DIGITS, _SHORT = 16, 12
REPORTS = "reports"
"""Second part of the keys of reports, and the folder of a home in which the newest lie for people."""

MONITORING = "monitoring"
"""The layer of what is watched after promotion."""


class Key(NamedTuple):
    """The parts of a table's key."""

    portfolio: str
    layer: str
    name: str


def table_key(portfolio: str, layer: str, name: str) -> str:
    """Key of the table `name` in a layer of a portfolio."""
    return f"{portfolio}/{layer}/{name}"


def split_key(key: str) -> Key:
    """Parts of a key.

    Raises:
        ValueError: it has not three parts.
    """
    return Key(*key.split("/"))


def command_of(key: str) -> str:
    """The command that makes the table of this key; what is watched and what was deployed have jobs of their own."""
    portfolio, layer, _ = split_key(key)
    if key == deployment_key(portfolio):
        return f"credit-platform deploy {portfolio}"
    return f"credit-platform run {portfolio}{' --monitoring' if layer == MONITORING else ''}"


def is_whole(key: str) -> bool:
    """Whether `key` names portfolio, layer and table, as every table of the platform does."""
    return len(key.split("/")) == len(Key._fields) and all(key.split("/"))


def tables_of(portfolio: str) -> str:
    """What the keys of all tables of a portfolio begin with."""
    return f"{portfolio}/"


def siblings_of(key: str) -> str:
    """What the keys of the tables begin with that have the same portfolio as `key`."""
    return key.rsplit("/", 2)[0] + "/"


def raw_key(portfolio: str, name: str) -> str:
    """What was read of the raw file of table `name`."""
    return table_key(portfolio, "raw", name)


def rejected_name(name: str) -> str:
    """Name of the table that keeps the rows of raw table `name` that break its contract."""
    return f"{name}__rejected"


def rejected_key(portfolio: str, name: str) -> str:
    """Rows of the raw file of table `name` that break its contract."""
    return raw_key(portfolio, rejected_name(name))


def feature_key(portfolio: str, name: str) -> str:
    """A table of the layer of features: `applicants`, `catalogue`, `protected_attributes`."""
    return table_key(portfolio, "features", name)


def applicants_key(portfolio: str) -> str:
    """The feature table: all features, one row per applicant."""
    return feature_key(portfolio, "applicants")


def model_key(portfolio: str, name: str) -> str:
    """A table of the layer of models: a candidate, `calibration`, `threshold`, `scorer` and so on."""
    return table_key(portfolio, "models", name)


def scorer_key(portfolio: str) -> str:
    """The scorers that were made, each with its scores of the holdout."""
    return model_key(portfolio, "scorer")


def governance_key(portfolio: str, name: str) -> str:
    """A table of evidence, of documents, or of the gate."""
    return table_key(portfolio, "governance", name)


def decision_key(portfolio: str) -> str:
    """The promotion decisions."""
    return governance_key(portfolio, "promotion_decision")


def removals_key(portfolio: str) -> str:
    """What retention removed, by whom and why."""
    return governance_key(portfolio, "removals")


def serving_key(portfolio: str, name: str) -> str:
    """A table of what serves: `promoted_model`, `bento`, `deployment`, `scored_applicants`."""
    return table_key(portfolio, "serving", name)


def champion_key(portfolio: str) -> str:
    """The models in production, each with its scores of the holdout."""
    return serving_key(portfolio, "promoted_model")


def bento_key(portfolio: str) -> str:
    """The Bentos that served or serve."""
    return serving_key(portfolio, "bento")


def deployment_key(portfolio: str) -> str:
    """How Bentos were brought to where they answer applicants, and what came of it."""
    return serving_key(portfolio, "deployment")


def scorer_artefact(portfolio: str, digest: str) -> str:
    """Key of the artefact that is a scorer, by the scorer's digest."""
    return f"{portfolio}/scorers/{digest[:_DIGITS]}"


def bento_artefact(portfolio: str, version: str) -> str:
    """Key of the artefact that is a Bento: its code and scorer."""
    return f"{portfolio}/bentos/{version}"


def bento_name(portfolio: str) -> str:
    """What the Bentos of a portfolio are called."""
    return f"{portfolio}_scoring"


def histories_artefact(portfolio: str, digest: str) -> str:
    """Key of the artefact that is the stored histories of a Bento, by the digest of what determines their rows."""
    return f"{portfolio}/histories/{digest[:_DIGITS]}"


def reports_artefacts(portfolio: str) -> str:
    """What the keys of a portfolio's reports begin with."""
    return f"{portfolio}/{REPORTS}"


def model_reports_artefacts(portfolio: str, digest: str) -> str:
    """What the keys of everything written about one model version begin with, by its scorer's digest."""
    return f"{reports_artefacts(portfolio)}/models/{digest[:_SHORT]}"


def kind_of_artefact(key: str) -> str:
    """What an artefact is, by its key: `scorers`, `bentos`, `histories`, `reports`, …; "" for one of no portfolio."""
    return key.partition("/")[2].partition("/")[0]


def is_histories(key: str) -> bool:
    """Whether an artefact is stored histories."""
    return kind_of_artefact(key) == "histories"


def erased_artefact(portfolio: str) -> str:
    """Key of the list of those whose stored histories must not travel again."""
    return f"{portfolio}/erased_applicants.txt"


def monitoring_key(portfolio: str, name: str) -> str:
    """A table of what is watched after promotion."""
    return table_key(portfolio, MONITORING, name)
