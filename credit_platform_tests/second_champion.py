"""A second champion in a finished home, as a later run would leave it: for tests of what comes after two promotions.

What is here: `promote_another`.
What must not be here: what a rollback or a retention makes of it.
"""

from __future__ import annotations

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.tracking import Tracking
from credit_platform.orchestration.promotion import promote
from credit_platform.portfolios.keys import champion_key, scorer_artefact
from credit_platform.settings import Settings
from credit_platform_tests.small_scorer import save_small_scorer

NAME = "german_credit"


def promote_another(settings: Settings) -> str:
    """Put a second model into production, as a later run would; return its digest."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, NAME)
    scorer = save_small_scorer(settings.home / "another")
    version = tracking.register(settings.home / "another", NAME)
    promote(tracking, NAME, version)
    before = lakehouse.read(champion_key(NAME))
    key = scorer_artefact(NAME, scorer.digest)
    Shelf.of(settings).store.put(key, settings.home / "another")
    changes = {"digest": scorer.digest, "version": version, "key": key}
    lakehouse.write(champion_key(NAME), before.frame, summary={**before.summary, **changes})
    return scorer.digest
