from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.model_info_data_versions import ModelInfoDataVersions
    from ..models.model_info_features_item import ModelInfoFeaturesItem
    from ..models.model_info_metadata import ModelInfoMetadata
    from ..models.model_info_provenance import ModelInfoProvenance
    from ..models.model_info_stored_histories_type_0 import ModelInfoStoredHistoriesType0
    from ..models.model_info_training_metrics import ModelInfoTrainingMetrics


T = TypeVar("T", bound="ModelInfo")


@_attrs_define
class ModelInfo:
    """The model behind the service.

    Attributes:
        name (str): Name of the model.
        version (str): Version of the model.
        digest (str): SHA-256 over the scorer's files.
        portfolio (str): Product line.
        threshold (float): Refused at this probability of default or above.
        feature_version (str): Version of the feature definitions.
        features (list[ModelInfoFeaturesItem]): Features the model uses.
        candidate (str): Kind of model that was trained.
        training_metrics (ModelInfoTrainingMetrics): Metrics of training, by name.
        data_versions (ModelInfoDataVersions): Version of each table it was trained on.
        promoted_at (None | str): When it was promoted (ISO 8601); null if it was not.
        deployed_at (str): Since when it is told to answer here (ISO 8601).
        accepts_reduced_applications (bool): Whether the required fields of Application are enough.
        stored_applicants (int): Applicants whose histories are stored here.
        stored_histories (ModelInfoStoredHistoriesType0 | None): What they are: feature table and version they were
            taken from, its content hash, licence (synthetic, or personal data), applicants when they were written. Null
            when there are none.
        metadata (ModelInfoMetadata): What the model is made of: candidate, metrics, data and code versions.
        provenance (ModelInfoProvenance): When and by which run it was made.
        client (None | str): Who asks: name of the API key; null without authentication.
        scopes (list[str]): What this key may do.
    """

    name: str
    version: str
    digest: str
    portfolio: str
    threshold: float
    feature_version: str
    features: list[ModelInfoFeaturesItem]
    candidate: str
    training_metrics: ModelInfoTrainingMetrics
    data_versions: ModelInfoDataVersions
    promoted_at: str | None
    deployed_at: str
    accepts_reduced_applications: bool
    stored_applicants: int
    stored_histories: ModelInfoStoredHistoriesType0 | None
    metadata: ModelInfoMetadata
    provenance: ModelInfoProvenance
    client: str | None
    scopes: list[str]

    def to_dict(self) -> dict[str, Any]:
        from ..models.model_info_stored_histories_type_0 import ModelInfoStoredHistoriesType0  # noqa: PLC0415

        name = self.name

        version = self.version

        digest = self.digest

        portfolio = self.portfolio

        threshold = self.threshold

        feature_version = self.feature_version

        features = []
        for features_item_data in self.features:
            features_item = features_item_data.to_dict()
            features.append(features_item)

        candidate = self.candidate

        training_metrics = self.training_metrics.to_dict()

        data_versions = self.data_versions.to_dict()

        promoted_at: str | None
        promoted_at = self.promoted_at

        deployed_at = self.deployed_at

        accepts_reduced_applications = self.accepts_reduced_applications

        stored_applicants = self.stored_applicants

        stored_histories: dict[str, Any] | None
        if isinstance(self.stored_histories, ModelInfoStoredHistoriesType0):
            stored_histories = self.stored_histories.to_dict()
        else:
            stored_histories = self.stored_histories

        metadata = self.metadata.to_dict()

        provenance = self.provenance.to_dict()

        client: str | None
        client = self.client

        scopes = self.scopes

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "version": version,
                "digest": digest,
                "portfolio": portfolio,
                "threshold": threshold,
                "feature_version": feature_version,
                "features": features,
                "candidate": candidate,
                "training_metrics": training_metrics,
                "data_versions": data_versions,
                "promoted_at": promoted_at,
                "deployed_at": deployed_at,
                "accepts_reduced_applications": accepts_reduced_applications,
                "stored_applicants": stored_applicants,
                "stored_histories": stored_histories,
                "metadata": metadata,
                "provenance": provenance,
                "client": client,
                "scopes": scopes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.model_info_data_versions import ModelInfoDataVersions  # noqa: PLC0415
        from ..models.model_info_features_item import ModelInfoFeaturesItem  # noqa: PLC0415
        from ..models.model_info_metadata import ModelInfoMetadata  # noqa: PLC0415
        from ..models.model_info_provenance import ModelInfoProvenance  # noqa: PLC0415
        from ..models.model_info_stored_histories_type_0 import ModelInfoStoredHistoriesType0  # noqa: PLC0415
        from ..models.model_info_training_metrics import ModelInfoTrainingMetrics  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        version = d.pop("version")

        digest = d.pop("digest")

        portfolio = d.pop("portfolio")

        threshold = d.pop("threshold")

        feature_version = d.pop("feature_version")

        features = []
        _features = d.pop("features")
        for features_item_data in _features:
            features_item = ModelInfoFeaturesItem.from_dict(features_item_data)

            features.append(features_item)

        candidate = d.pop("candidate")

        training_metrics = ModelInfoTrainingMetrics.from_dict(d.pop("training_metrics"))

        data_versions = ModelInfoDataVersions.from_dict(d.pop("data_versions"))

        def _parse_promoted_at(data: object) -> str | None:
            if data is None:
                return data
            return cast("None | str", data)

        promoted_at = _parse_promoted_at(d.pop("promoted_at"))

        deployed_at = d.pop("deployed_at")

        accepts_reduced_applications = d.pop("accepts_reduced_applications")

        stored_applicants = d.pop("stored_applicants")

        def _parse_stored_histories(data: object) -> ModelInfoStoredHistoriesType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                stored_histories_type_0 = ModelInfoStoredHistoriesType0.from_dict(data)

                return stored_histories_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ModelInfoStoredHistoriesType0 | None", data)

        stored_histories = _parse_stored_histories(d.pop("stored_histories"))

        metadata = ModelInfoMetadata.from_dict(d.pop("metadata"))

        provenance = ModelInfoProvenance.from_dict(d.pop("provenance"))

        def _parse_client(data: object) -> str | None:
            if data is None:
                return data
            return cast("None | str", data)

        client = _parse_client(d.pop("client"))

        scopes = cast("list[str]", d.pop("scopes"))

        model_info = cls(
            name=name,
            version=version,
            digest=digest,
            portfolio=portfolio,
            threshold=threshold,
            feature_version=feature_version,
            features=features,
            candidate=candidate,
            training_metrics=training_metrics,
            data_versions=data_versions,
            promoted_at=promoted_at,
            deployed_at=deployed_at,
            accepts_reduced_applications=accepts_reduced_applications,
            stored_applicants=stored_applicants,
            stored_histories=stored_histories,
            metadata=metadata,
            provenance=provenance,
            client=client,
            scopes=scopes,
        )

        return model_info
