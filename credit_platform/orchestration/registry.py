"""Whether MLflow's registry says what the table of champions says, and putting it right where it does not.

What is here: `registry_difference`, `mend_registry`.
What to add here: another thing in the registry that somebody may change by hand and others rely on.
What must not be here: what is served. That follows the tables; no alias is read for it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.modelling.tracking import CHAMPION, Tracking
from credit_platform.orchestration.promotion import point_alias
from credit_platform.orchestration.rollback import registered_version
from credit_platform.portfolios.keys import champion_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.kept_bentos import bento_of
from credit_platform.settings import Settings

_FILE = "sqlite:///"


def registry_difference(settings: Settings, portfolio: str) -> str | None:
    """What the registry says otherwise than the table of champions, as sentences; None where they agree.

    Raises:
        RecordError: the champion's record cannot be read.
        Exception: of MLflow, when its store cannot be used.
    """
    stored = champion_table(Lakehouse(settings.lakehouse_root), portfolio)
    if settings.mlflow_uri.startswith(_FILE) and not Path(settings.mlflow_uri.removeprefix(_FILE)).exists():
        return None if stored is None else _told(PromotedModel.of(stored), "MLflow's database is gone")
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, portfolio)
    alias = tracking.alias_version(portfolio, CHAMPION)
    if stored is None:
        return alias and (
            f"MLflow's alias `{CHAMPION}` of {portfolio} is on version {alias}, though no model was promoted here. "
            "Nothing is served by it."
        )
    return difference(tracking, PromotedModel.of(stored), alias)


def difference(tracking: Tracking, champion: PromotedModel, alias: str | None) -> str | None:
    """The same for a champion and the version that its alias is on; None where they agree."""
    if not tracking.holds(champion.model, champion.version, champion.digest):
        return _told(
            champion, f"MLflow has no version {champion.version} of {champion.model} with that scorer any more"
        )
    if alias is None:
        return _told(champion, f"MLflow's alias `{CHAMPION}` of {champion.model} was removed")
    if alias != champion.version:
        return _told(champion, f"MLflow's alias `{CHAMPION}` of {champion.model} was moved to version {alias} by hand")
    return None


def mend_registry(portfolio: Portfolio, settings: Settings) -> str | None:
    """Register the champion again if its version is gone, and put the alias on it; what was wrong, None if nothing.

    Raises:
        ScorerError: it must be registered again, and no whole copy of its scorer is left.
        TableMovedOnError: somebody promoted or rolled back meanwhile.
    """
    found = registry_difference(settings, portfolio.name)
    lakehouse = Lakehouse(settings.lakehouse_root)
    stored = champion_table(lakehouse, portfolio.name)
    if found is None or stored is None:
        return found
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, portfolio.name)
    champion = PromotedModel.of(stored)
    if not tracking.holds(champion.model, champion.version, champion.digest):
        bento = bento_of(lakehouse, portfolio, settings, champion)
        again = replace(champion, version=registered_version(tracking, champion, bento))
        info = CommitInfo(portfolio=portfolio.name, synthetic=stored.version.synthetic)
        key = champion_key(portfolio.name)
        lakehouse.write(key, stored.frame, summary=again.to_summary(), info=info, after=stored.version)
    point_alias(lakehouse, tracking, portfolio.name)
    return found


def _told(champion: PromotedModel, what: str) -> str:
    return (
        f"{what}. In production, and served, is {champion.contender} (scorer {champion.digest[:12]}), as the promotion "
        f"history says: no alias decides that. Put MLflow right: credit-platform registry {champion.model} --mend"
    )
