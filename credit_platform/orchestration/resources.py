"""Resources that assets, checks and sensors share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from credit_platform.clock import SYSTEM_CLOCK
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.engines import Engine, EngineName, open_engine
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.tracking import Tracking
from credit_platform.orchestration.io_manager import DeltaIOManager
from credit_platform.settings import Settings


class LakehouseResource(dg.ConfigurableResource[Lakehouse]):
    """The Delta tables of the platform, for what reads other versions than its inputs'."""

    root: str = Field(description="Folder or object store URL of the lakehouse.")
    home: str = Field(default="", description="Home of the platform.")
    artefacts: str = Field(default="", description="Folder or object store URL of the artefacts.")
    cache: str = Field(default="", description="Folder for copies of artefacts.")

    def open(self) -> Lakehouse:
        """Open the lakehouse, without pins."""
        return Lakehouse(self.root, shelf=Shelf(Path(self.home), self.artefacts, Path(self.cache)))


class EngineResource(dg.ConfigurableResource[Engine]):
    """What computes tables. One engine per run: it starts at its first use and ends with the run, or its last step."""

    name: EngineName = Field(description="polars or spark.")
    spark_master: str = Field(description="Spark master, with spark.")
    spark_options: dict[str, str] = Field(description="Spark properties, with spark.")
    _engine: Engine | None = PrivateAttr(default=None)

    def open(self) -> Engine:
        """The engine of this run."""
        if self._engine is None:
            self._engine = open_engine(
                self.name, spark_master=self.spark_master, spark_options=dict(self.spark_options)
            )
        return self._engine

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002  # Dagster gives it
        """End the engine with the run."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


class TrackingResource(dg.ConfigurableResource[Tracking]):
    """MLflow tracking and registry. Runs are ended FINISHED or FAILED by the context manager of `Tracking.run`."""

    uri: str = Field(description="MLflow tracking URI.")
    artifact_root: str | None = Field(
        description="Folder or URL for artefacts of runs; without one an MLflow server chooses."
    )

    def open(self, experiment: str) -> Tracking:
        """Open the experiment called `experiment`, which is made when absent."""
        return Tracking(self.uri, self.artifact_root, experiment)


class ClockResource(dg.ConfigurableResource[datetime]):
    """The clock (`credit_platform.clock`) of assets, checks, jobs and sensors; a simulated year gives another one."""

    fixed: str | None = Field(default=None, description="A moment (ISO 8601, with its offset) to stand still at.")

    def now(self) -> datetime:
        """The moment, in UTC."""
        return SYSTEM_CLOCK.now() if self.fixed is None else datetime.fromisoformat(self.fixed).astimezone(UTC)


def build_resources(settings: Settings) -> dict[str, object]:
    """Every resource by the key under which assets ask for it."""
    shelf = Shelf.of(settings)
    places = {"home": str(shelf.home), "artefacts": shelf.root, "cache": str(shelf.cache)}
    return {
        "io_manager": DeltaIOManager.configure_at_launch(
            root=settings.lakehouse_root, pins=dict(settings.pins), **places
        ),
        "clock": ClockResource(),
        "lakehouse": LakehouseResource(root=settings.lakehouse_root, **places),
        "engine": EngineResource(
            name=settings.engine, spark_master=settings.spark_master, spark_options=dict(settings.spark_options)
        ),
        "tracking": TrackingResource(uri=settings.mlflow_uri, artifact_root=settings.mlflow_artifacts),
    }
