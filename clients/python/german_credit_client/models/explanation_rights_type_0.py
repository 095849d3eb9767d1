from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.explanation_rights_type_0_contact import ExplanationRightsType0Contact


T = TypeVar("T", bound="ExplanationRightsType0")


@_attrs_define
class ExplanationRightsType0:
    """For the applicant, in the language asked for.

    Attributes:
        review (str): That a person reviews the decision, and what else the applicant may do.
        how (str): How to ask for it.
        contact (ExplanationRightsType0Contact): Whom to ask, as the portfolio declares it.
        data_used (list[str]): Which data the decision rests on, in words.
        grounds (str): Articles of law that these rights come from.
    """

    review: str
    how: str
    contact: ExplanationRightsType0Contact
    data_used: list[str]
    grounds: str

    def to_dict(self) -> dict[str, Any]:
        review = self.review

        how = self.how

        contact = self.contact.to_dict()

        data_used = self.data_used

        grounds = self.grounds

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "review": review,
                "how": how,
                "contact": contact,
                "data_used": data_used,
                "grounds": grounds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.explanation_rights_type_0_contact import ExplanationRightsType0Contact  # noqa: PLC0415

        d = dict(src_dict)
        review = d.pop("review")

        how = d.pop("how")

        contact = ExplanationRightsType0Contact.from_dict(d.pop("contact"))

        data_used = cast("list[str]", d.pop("data_used"))

        grounds = d.pop("grounds")

        explanation_rights_type_0 = cls(
            review=review,
            how=how,
            contact=contact,
            data_used=data_used,
            grounds=grounds,
        )

        return explanation_rights_type_0
