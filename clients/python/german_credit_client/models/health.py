from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.health_status import HealthStatus

T = TypeVar("T", bound="Health")


@_attrs_define
class Health:
    """State of the service.

    Attributes:
        status (HealthStatus): `healthy` when ready.
        live (bool): The process answers.
        ready (bool): A scorer is loaded and requests are scored.
        reason (None | str): Why the service is not ready; null when it is.
        api_version (str): Version of the API.
        model_version (None | str): Version of the model; null before it is loaded.
    """

    status: HealthStatus
    live: bool
    ready: bool
    reason: str | None
    api_version: str
    model_version: str | None

    def to_dict(self) -> dict[str, Any]:
        status = self.status.value

        live = self.live

        ready = self.ready

        reason: str | None
        reason = self.reason

        api_version = self.api_version

        model_version: str | None
        model_version = self.model_version

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "status": status,
                "live": live,
                "ready": ready,
                "reason": reason,
                "api_version": api_version,
                "model_version": model_version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = HealthStatus(d.pop("status"))

        live = d.pop("live")

        ready = d.pop("ready")

        def _parse_reason(data: object) -> str | None:
            if data is None:
                return data
            return cast("None | str", data)

        reason = _parse_reason(d.pop("reason"))

        api_version = d.pop("api_version")

        def _parse_model_version(data: object) -> str | None:
            if data is None:
                return data
            return cast("None | str", data)

        model_version = _parse_model_version(d.pop("model_version"))

        health = cls(
            status=status,
            live=live,
            ready=ready,
            reason=reason,
            api_version=api_version,
            model_version=model_version,
        )

        return health
