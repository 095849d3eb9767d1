from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.predict_request_language import PredictRequestLanguage
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.application import Application
    from ..models.histories_type_0 import HistoriesType0


T = TypeVar("T", bound="PredictRequest")


@_attrs_define
class PredictRequest:
    """
    Attributes:
        application (Application): The application, by column. Protected attributes are refused: personal_status_sex,
            foreign_worker. A reduced application with the required fields alone is accepted where the model can bear
            missing values; `missing_inputs` of the answer lists what was missing. No feature reads what is marked `x-used:
            false`: leave it out; it is checked when it comes, and not kept.
        applicant_id (int | None | str | Unset): Whose application it is; comes back in the answer. A whole number in
            any spelling is the applicant's key; a text is your own identifier.
        histories (HistoriesType0 | None | Unset): Raw rows of the other tables of this portfolio, where it has any.
        language (PredictRequestLanguage | Unset): Language of the reasons. Default: PredictRequestLanguage.EN.
    """

    application: Application
    applicant_id: int | str | Unset | None = UNSET
    histories: HistoriesType0 | Unset | None = UNSET
    language: PredictRequestLanguage | Unset = PredictRequestLanguage.EN

    def to_dict(self) -> dict[str, Any]:
        from ..models.histories_type_0 import HistoriesType0  # noqa: PLC0415

        application = self.application.to_dict()

        applicant_id: int | str | Unset | None
        if isinstance(self.applicant_id, Unset):
            applicant_id = UNSET
        else:
            applicant_id = self.applicant_id

        histories: dict[str, Any] | Unset | None
        if isinstance(self.histories, Unset):
            histories = UNSET
        elif isinstance(self.histories, HistoriesType0):
            histories = self.histories.to_dict()
        else:
            histories = self.histories

        language: str | Unset = UNSET
        if not isinstance(self.language, Unset):
            language = self.language.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "application": application,
            }
        )
        if applicant_id is not UNSET:
            field_dict["applicant_id"] = applicant_id
        if histories is not UNSET:
            field_dict["histories"] = histories
        if language is not UNSET:
            field_dict["language"] = language

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.application import Application  # noqa: PLC0415
        from ..models.histories_type_0 import HistoriesType0  # noqa: PLC0415

        d = dict(src_dict)
        application = Application.from_dict(d.pop("application"))

        def _parse_applicant_id(data: object) -> int | str | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | str | Unset", data)

        applicant_id = _parse_applicant_id(d.pop("applicant_id", UNSET))

        def _parse_histories(data: object) -> HistoriesType0 | Unset | None:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_histories_type_0 = HistoriesType0.from_dict(data)

                return componentsschemas_histories_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("HistoriesType0 | None | Unset", data)

        histories = _parse_histories(d.pop("histories", UNSET))

        _language = d.pop("language", UNSET)
        language: PredictRequestLanguage | Unset
        if isinstance(_language, Unset):
            language = UNSET
        else:
            language = PredictRequestLanguage(_language)

        predict_request = cls(
            application=application,
            applicant_id=applicant_id,
            histories=histories,
            language=language,
        )

        return predict_request
