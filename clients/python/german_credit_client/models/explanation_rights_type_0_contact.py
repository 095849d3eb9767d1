from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ExplanationRightsType0Contact")


@_attrs_define
class ExplanationRightsType0Contact:
    """Whom to ask, as the portfolio declares it.

    Attributes:
        name (str): Who answers.
        email (str): E-mail address.
        address (str): Postal address.
        phone (str): Telephone number.
        example (bool): Whether this contact is made up.
    """

    name: str
    email: str
    address: str
    phone: str
    example: bool

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        email = self.email

        address = self.address

        phone = self.phone

        example = self.example

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "email": email,
                "address": address,
                "phone": phone,
                "example": example,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        email = d.pop("email")

        address = d.pop("address")

        phone = d.pop("phone")

        example = d.pop("example")

        explanation_rights_type_0_contact = cls(
            name=name,
            email=email,
            address=address,
            phone=phone,
            example=example,
        )

        return explanation_rights_type_0_contact
