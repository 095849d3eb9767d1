"""Every error says what went wrong and what to do."""

from __future__ import annotations

import pytest

from credit_platform import errors
from credit_platform.errors import CreditPlatformError, RequestError

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, CreditPlatformError) and kind is not RequestError
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_and_cure_are_kept_apart_and_read_as_one(kind: type[CreditPlatformError]) -> None:
    error = kind("The disk is full.", "Delete something.")
    assert (error.what, error.cure) == ("The disk is full.", "Delete something.")
    assert str(error) == "The disk is full. Delete something."
    assert isinstance(error, CreditPlatformError)
    assert kind.__doc__


def test_an_error_of_a_request_names_the_field() -> None:
    error = RequestError("It is too large.", "Send less.", "amount")
    assert error.field == "amount"
    assert str(error) == "It is too large. Send less."
