"""Runs and registered models in MLflow.

What is here: `Tracking`, all that the platform asks of MLflow, through its client (no active run, no global tracking
URI, nothing written to `./mlruns`).
What to add here: another thing to log or to ask the registry.
What must not be here: what is logged (callers decide), Dagster, pickles.

MLflow takes seconds to import, so it is imported on first use, with its telemetry switched off before.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from credit_platform.errors import ModellingError, TrackingError
from credit_platform.modelling._first_use import first_use
from credit_platform.modelling._mlflow_models import imported_mlflow, save_pyfunc
from credit_platform.modelling.registry import RegisteredVersion
from credit_platform.moved_registry import follow_home
from credit_platform.scoring.folder import read_manifest
from credit_platform.settings import Settings

CHAMPION = "champion"
"""Alias of the version in production."""
CHALLENGER = "challenger"
"""Alias of the version that wants to be."""

_FILE = "sqlite:///"
_DELETED = "deleted"
_ACTIVE_ONLY = 1
"""MLflow's `ViewType.ACTIVE_ONLY`."""
_PASSWORD = re.compile(r"(?<=[^/])(:[^:/@]+)@")
_LONGEST_PARAM = 6000


class TrackedRun:
    """One MLflow run, open or ended."""

    def __init__(self, client: Any, run_id: str) -> None:
        """Write to run `run_id` through an `MlflowClient`."""
        self._client = client
        self.run_id = run_id

    def log_params(self, params: Mapping[str, object]) -> None:
        """Log parameters; a value is shown as text."""
        entities = imported_mlflow().entities
        values = [entities.Param(name, str(value)[:_LONGEST_PARAM]) for name, value in params.items()]
        self._client.log_batch(self.run_id, params=values)

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log numbers; `step` is the fold or round they belong to."""
        entities = imported_mlflow().entities
        now = int(time.time() * 1000)
        values = [entities.Metric(name, float(value), now, step or 0) for name, value in metrics.items()]
        self._client.log_batch(self.run_id, metrics=values)

    def set_tags(self, tags: Mapping[str, object]) -> None:
        """Set tags; a value is shown as text."""
        for name, value in tags.items():
            self._client.set_tag(self.run_id, name, str(value))

    def log_figure(self, path: str, png: bytes) -> None:
        """Store a picture as artefact `path` (such as `charts/roc.png`)."""
        self._log_bytes(path, png)

    def log_table(self, path: str, csv: str) -> None:
        """Store a table as artefact `path` (such as `tables/comparison.csv`)."""
        self._log_bytes(path, csv.encode())

    def log_folder(self, folder: Path, path: str | None = None) -> None:
        """Store the files of `folder` as artefacts under `path`."""
        self._client.log_artifacts(self.run_id, str(folder), path)

    def _log_bytes(self, path: str, content: bytes) -> None:
        target = Path(path)
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / target.name
            local.write_bytes(content)
            parent = None if target.parent == Path() else target.parent.as_posix()
            self._client.log_artifact(self.run_id, str(local), parent)


class Tracking:
    """One experiment of an MLflow store, and the store's model registry."""

    def __init__(self, uri: str, artifact_root: str | None, experiment: str) -> None:
        """Name the store; it is opened, and made if absent, on first use.

        Args:
            uri: tracking and registry store, such as `sqlite:////…/mlflow.db` or a server's URL.
            artifact_root: folder or URL under which artefacts lie; used when the experiment is made. None leaves it to
                the server that `uri` names.
            experiment: name of the experiment; made if absent.
        """
        self.uri = uri
        self.artifact_root = artifact_root
        self.experiment = experiment

    @cached_property
    def client(self) -> Any:
        """The `MlflowClient`, for what this class does not offer."""
        with first_use(self.uri):
            follow_home(self.uri, self.artifact_root)
            client = imported_mlflow().MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
            client.search_experiments(max_results=1)
        return client

    def open(self) -> None:
        """Open the store, which is made if absent."""
        _ = self.client

    @cached_property
    def experiment_id(self) -> str:
        """Id of the experiment, made if absent."""
        client = self.client  # before the lock is taken: opening the store takes it too
        with first_use(self.uri):
            found = client.get_experiment_by_name(self.experiment)
            if found is not None and found.lifecycle_stage == _DELETED:
                raise TrackingError(
                    f"MLflow's experiment {self.experiment} was deleted (id {found.experiment_id}); its name is taken.",
                    f"Take that back: {self._command()} experiments restore --experiment-id {found.experiment_id}",
                )
            if found is not None:
                return str(found.experiment_id)
            return str(client.create_experiment(self.experiment, artifact_location=self._artifact_location()))

    @contextmanager
    def run(
        self,
        name: str,
        *,
        params: Mapping[str, object] | None = None,
        tags: Mapping[str, object] | None = None,
        parent: str | None = None,
    ) -> Iterator[TrackedRun]:
        """Open a run; it ends FINISHED, or FAILED when the block raises (the exception goes on).

        Args:
            name: name of the run.
            params: parameters to log.
            tags: tags to set.
            parent: id of the run under which this one is shown.
        """
        shown = {key: str(value) for key, value in (tags or {}).items()}
        shown["mlflow.source.name"] = "credit_platform"
        if parent is not None:
            shown["mlflow.parentRunId"] = parent
        run_id = str(self.client.create_run(self.experiment_id, tags=shown, run_name=name).info.run_id)
        status = "FAILED"
        try:
            run = TrackedRun(self.client, run_id)
            run.log_params(params or {})
            yield run
            status = "FINISHED"
        finally:
            self.client.set_terminated(run_id, status)

    def reopen(self, run_id: str) -> TrackedRun:
        """An ended run, to add to it from another process; its status stays.

        Raises:
            TrackingError: the run was deleted in MLflow.
        """
        self._require_run(run_id)
        return TrackedRun(self.client, run_id)

    def register(
        self,
        scorer_folder: Path,
        name: str,
        tags: Mapping[str, object] | None = None,
        run_id: str | None = None,
        *,
        description: str | None = None,
    ) -> str:
        """Register a saved scorer as the next version of model `name`; return the version.

        The model in MLflow holds the scorer folder as it is, and code (not a pickle) that scores rows of the feature
        table with it, so `mlflow.pyfunc.load_model("models:/<name>@champion")` works where credit_platform is
        installed. The digest is a tag of the version. A scorer registered already (same digest) keeps its version.
        Without `run_id` a run is made, so that each version says where it comes from.

        Raises:
            ScorerError: `scorer_folder` is not a scorer's.
        """
        digest = read_manifest(Path(scorer_folder))[1]
        self._ensure_model(name)
        for known in self.client.search_model_versions(f"name='{name}'"):
            if known.tags.get("digest") == digest:
                self.set_version_tags(name, str(known.version), tags or {})
                return str(known.version)
        shown = {key: str(value) for key, value in {**(tags or {}), "digest": digest}.items()}
        if run_id is not None:
            self._require_run(run_id)
            return self._create_version(Path(scorer_folder), name, shown, run_id, description)
        with self.run(f"register {name}", tags=shown) as run:
            return self._create_version(Path(scorer_folder), name, shown, run.run_id, description)

    def _require_run(self, run_id: str) -> None:
        found = self.client.search_runs(
            [self.experiment_id], f"attributes.run_id = '{run_id}'", run_view_type=_ACTIVE_ONLY, max_results=1
        )
        if not found:
            raise TrackingError(
                f"MLflow has no run {run_id} in the experiment {self.experiment}: it was deleted there.",
                f"Take that back: {self._command()} runs restore --run-id {run_id}. "
                f"If it is gone for good, train again: credit-platform run {self.experiment} --from models/tuned",
            )

    def _command(self) -> str:
        """MLflow's own command, on this store; a password in its address is left out."""
        return f"MLFLOW_TRACKING_URI='{_PASSWORD.sub('@', self.uri)}' mlflow"

    def _create_version(
        self, scorer_folder: Path, name: str, tags: dict[str, str], run_id: str, description: str | None
    ) -> str:
        model = self.client.create_logged_model(self.experiment_id, name=name, source_run_id=run_id)
        with tempfile.TemporaryDirectory() as folder:
            save_pyfunc(Path(folder) / "model", scorer_folder)
            self.client.log_model_artifacts(model.model_id, str(Path(folder) / "model"))
        self.client.finalize_logged_model(model.model_id, "READY")
        # Without run_id MLflow would look the model up in the store of its global default, not in this one.
        version = self.client.create_model_version(
            name,
            source=model.artifact_location,
            run_id=run_id,
            tags=tags,
            description=description,
            model_id=model.model_id,
        )
        return str(version.version)

    def _ensure_model(self, name: str) -> None:
        client = self.client  # before the lock is taken: opening the store takes it too
        with first_use(self.uri):
            if not client.search_registered_models(f"name='{name}'"):
                client.create_registered_model(name)

    def set_version_tags(self, name: str, version: str, tags: Mapping[str, object]) -> None:
        """Set tags of a version; a value is shown as text."""
        for key, value in tags.items():
            self.client.set_model_version_tag(name, version, key, str(value))

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Point `alias` of model `name` at `version`; it leaves the version it pointed at.

        Raises:
            ModellingError: there is no such version.
        """
        if not self.client.search_model_versions(f"name='{name}' and version_number={int(version)}"):
            raise ModellingError(f"Model {name} has no version {version}.", "Register the scorer first.")
        self.client.set_registered_model_alias(name, alias, version)

    def holds(self, name: str, version: str, digest: str | None = None) -> bool:
        """Whether the registry has this version, and it is the scorer of `digest` where one is given."""
        found = self.client.search_model_versions(f"name='{name}' and version_number={int(version)}")
        return any(digest is None or one.tags.get("digest") == digest for one in found)

    def versions(self, name: str) -> list[RegisteredVersion]:
        """Versions of model `name` that were registered from a scorer."""
        aliased = {str(v) for m in self.client.search_registered_models(f"name='{name}'") for v in m.aliases.values()}
        return [
            RegisteredVersion(
                model=name,
                version=str(one.version),
                digest=one.tags["digest"],
                made_at=datetime.fromtimestamp(one.creation_timestamp / 1000, UTC),
                aliased=str(one.version) in aliased,
            )
            for one in self.client.search_model_versions(f"name='{name}'")
            if "digest" in one.tags
        ]

    def delete_version(self, name: str, version: str) -> bool:
        """Delete a version and the files of its model; one that an alias points at stays. Whether it was deleted.

        The version goes last: a call that was cut short is completed by the next one.
        """
        if version in {one.version for one in self.versions(name) if one.aliased}:
            return False
        stored = self.client.get_model_version(name, version)
        repository = imported_mlflow().store.artifact.artifact_repository_registry.get_artifact_repository
        repository(stored.source, tracking_uri=self.uri).delete_artifacts()
        if stored.model_id and self.client.search_logged_models(
            [self.experiment_id], filter_string=f"model_id = '{stored.model_id}'"
        ):
            self.client.delete_logged_model(stored.model_id)
        self.client.delete_model_version(name, version)
        return True

    def require_version(self, name: str, version: str) -> None:
        """Refuse to go on without a version.

        Raises:
            TrackingError: it is not in the registry (any more).
        """
        if not self.holds(name, version):
            raise TrackingError(
                f"MLflow has no version {version} of model {name}: it was deleted, or never registered there.",
                f"Register the scorer again: credit-platform run {name} --from governance/registered_model",
            )

    def restore_experiment(self) -> None:
        """Take back the deletion of the experiment, where somebody deleted it."""
        found = self.client.get_experiment_by_name(self.experiment)
        if found is not None and found.lifecycle_stage == _DELETED:
            self.client.restore_experiment(found.experiment_id)

    def alias_version(self, name: str, alias: str) -> str | None:
        """Version that `alias` points at; None when the model or the alias does not exist."""
        for model in self.client.search_registered_models(f"name='{name}'"):
            version = model.aliases.get(alias)
            return None if version is None else str(version)
        return None

    def champion(self, name: str) -> str | None:
        """Version in production; None when there is none."""
        return self.alias_version(name, CHAMPION)

    def challenger(self, name: str) -> str | None:
        """Version that wants to be the champion; None when there is none."""
        return self.alias_version(name, CHALLENGER)

    def version_tags(self, name: str, version: str) -> dict[str, str]:
        """Tags of a version, `digest` among them."""
        return dict(self.client.get_model_version(name, version).tags)

    def _artifact_location(self) -> str | None:
        root = self.artifact_root
        if root is None:
            return None
        if root.startswith("s3://") and find_spec("boto3") is None:
            raise ModellingError(
                f"MLflow needs boto3 for its artefacts in {root}, and it is not installed.",
                "Install the extra that has it: pip install 'credit-platform[s3]'.",
            )
        if not urlparse(root).scheme:
            root = Path(root).resolve().as_uri()
        return f"{root.rstrip('/')}/{self.experiment}"


def existing_tracking(settings: Settings, experiment: str) -> Tracking | None:
    """The store of the settings; None where its file was never made, which looking would do."""
    uri = settings.mlflow_uri
    if uri.startswith(_FILE) and not Path(uri.removeprefix(_FILE)).is_file():
        return None
    return Tracking(uri, settings.mlflow_artifacts, experiment)
