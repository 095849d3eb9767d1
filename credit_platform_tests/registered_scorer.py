"""A scorer out of MLflow's registry, as whoever has only the tracking server gets it."""

from __future__ import annotations

from pathlib import Path

from credit_platform.modelling.tracking import Tracking


def download(tracking: Tracking, name: str, version: str, folder: Path) -> Path:
    """Fetch the scorer of a version into `folder`, by MLflow's own means."""
    import mlflow.artifacts  # noqa: PLC0415  # slow to import

    source = tracking.client.get_model_version_download_uri(name, version)
    folder.mkdir()
    found = mlflow.artifacts.download_artifacts(
        artifact_uri=f"{source}/artifacts/scorer", dst_path=str(folder), tracking_uri=tracking.uri
    )
    return Path(found)
