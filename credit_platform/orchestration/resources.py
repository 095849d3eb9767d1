"""Resources that assets, checks and sensors share."""

from __future__ import annotations

import dagster as dg
from pydantic import Field

from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.tracking import Tracking
from credit_platform.orchestration.io_manager import DeltaIOManager
from credit_platform.settings import Settings


class LakehouseResource(dg.ConfigurableResource[Lakehouse]):
    """The Delta tables of the platform, for what reads other versions than its inputs'."""

    root: str = Field(description="Folder or object store URL of the lakehouse.")

    def open(self) -> Lakehouse:
        """Open the lakehouse, without pins."""
        return Lakehouse(self.root)


class TrackingResource(dg.ConfigurableResource[Tracking]):
    """MLflow tracking and registry. Runs are ended FINISHED or FAILED by the context manager of `Tracking.run`."""

    uri: str = Field(description="MLflow tracking URI.")
    artifact_root: str = Field(description="Folder or URL for artefacts of runs.")

    def open(self, experiment: str) -> Tracking:
        """Open the experiment called `experiment`, which is made when absent."""
        return Tracking(self.uri, self.artifact_root, experiment)


def build_resources(settings: Settings) -> dict[str, object]:
    """Every resource by the key under which assets ask for it."""
    artifact_root = str((settings.home / "mlflow" / "artifacts").resolve())
    return {
        "io_manager": DeltaIOManager.configure_at_launch(root=settings.lakehouse_root, pins=dict(settings.pins)),
        "lakehouse": LakehouseResource(root=settings.lakehouse_root),
        "tracking": TrackingResource(uri=settings.mlflow_uri, artifact_root=artifact_root),
    }
