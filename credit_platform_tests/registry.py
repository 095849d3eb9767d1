"""What people fetch from MLflow by its own client."""

from __future__ import annotations

from pathlib import Path

import mlflow.artifacts

from credit_platform.modelling.tracking import Tracking


def downloaded(tracking: Tracking, name: str, version: str, folder: Path) -> Path:
    """The scorer of a registered version, in a folder below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    source = tracking.client.get_model_version_download_uri(name, version)
    found = mlflow.artifacts.download_artifacts(
        artifact_uri=f"{source}/artifacts/scorer", dst_path=str(folder), tracking_uri=tracking.uri
    )
    return Path(found)
