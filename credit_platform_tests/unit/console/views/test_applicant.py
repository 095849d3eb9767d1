"""Page 1, as Streamlit runs it, with a real scorer behind it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from credit_platform.console.form import Field
from credit_platform.console.views.what_if import slider_range
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.settings import Settings
from credit_platform_tests.unit.console.conftest import Bridge, Show


def said(page: AppTest) -> str:
    """Everything that is written on a page."""
    kinds = (page.markdown, page.caption, page.success, page.warning, page.info, page.error, page.title)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def field(page: AppTest, label: str) -> Any:
    """The field with this label, in which something is typed."""
    return next(one for one in page.text_input if one.label == label)


def button(page: AppTest, label: str) -> AppTest:
    """Press it."""
    return next(one for one in page.button if one.label == label).click().run()


def test_an_example_is_decided_explained_and_recorded(show: Show, service: Bridge, home: Settings) -> None:
    page = show("applicant")
    assert not page.exception
    page = button(page, "Ask for the decision")
    assert not page.exception
    assert "Accepted: the risk of" in said(page)
    assert "Of the 50 applicants" in said(page)
    (record,) = DecisionStore(home.decision_log).search()
    assert record.request_id in said(page)
    assert record.decision == "accepted"
    assert "Decided without" not in said(page)


@pytest.mark.parametrize(
    ("language", "press", "texts"),
    [
        ("en", "Ask for the decision", ("You can ask for a person to review", "Number of this answer: ")),
        (
            "fr",
            "Demander la décision",
            ("Vous pouvez demander qu\u2019une personne", "Numéro de cette réponse\u00a0: "),
        ),
    ],
)
def test_who_is_refused_is_told_what_to_ask_for(
    show: Show, home: Settings, language: str, press: str, texts: tuple[str, str]
) -> None:
    page = show("applicant" if language == "en" else "applicant-fr")
    page = button(page.selectbox(key=f"example-{language}").select("refused").run(), press)
    assert not page.exception
    (record,) = DecisionStore(home.decision_log).search()
    assert record.decision == "refused"
    told = "\n".join(str(element.value) for element in page.text)
    review, number = texts
    assert review in told
    assert f"{number}{record.request_id}" in told
    assert "reexamen@pret-a-depenser.example" in told


def test_who_is_accepted_is_told_of_no_rights(show: Show) -> None:
    page = button(show("applicant"), "Ask for the decision")
    assert "What the applicant may ask for" not in said(page)


def test_in_french_everything_but_the_decision_changes(show: Show) -> None:
    page = button(show("applicant-fr"), "Demander la décision")
    assert "Accordé\u00a0: le risque de" in said(page)
    assert "Votre" in said(page)
    assert [one.label for one in page.tabs] == ["Pourquoi ce score", "Demandeurs semblables", "Et si\u00a0…"]


def test_a_what_if_asks_for_an_explanation_and_records_nothing(show: Show, service: Bridge, home: Settings) -> None:
    page = button(show("applicant"), "Ask for the decision")
    before = list(service.asked)
    amount = next(slider for slider in page.slider if slider.label.startswith("Amount"))
    page = amount.set_value(amount.max).run()
    assert "With these values" in said(page)
    assert service.asked[len(before) :] == ["/explain"]
    assert DecisionStore(home.decision_log).count() == 1
    page = button(page, "Back to the application")
    assert "With these values" not in said(page)


def test_a_refused_applicant_is_told_what_would_help(show: Show) -> None:
    page = show("applicant")
    page = page.selectbox(key="example-en").select("refused").run()
    page = button(page, "Ask for the decision")
    assert "Refused: the risk of" in said(page)
    assert "What would help" in said(page)
    assert "instead of" in said(page)


def test_an_edited_form_says_that_the_decision_is_about_other_values(show: Show) -> None:
    page = button(show("applicant"), "Ask for the decision")
    assert "You have changed the form" not in said(page)
    page = field(page, "Amount (DM) *").input("1600").run()
    assert "You have changed the form" in said(page)
    assert "Accepted" in said(page)


def test_an_empty_form_asks_for_what_is_missing_before_the_service_is_asked(show: Show, service: Bridge) -> None:
    page = show("applicant").radio(key="source-en").set_value("empty").run()
    page = button(page, "Ask for the decision")
    assert "No decision while these fields are not right: Current account, Length of the loan" in said(page)
    assert "Nothing is given. It takes a whole number from 1 to 120 (months)." in said(page)
    assert "/predict" not in service.asked


def test_optional_fields_may_be_left_out_and_the_answer_names_them(show: Show) -> None:
    page = show("applicant")
    page = next(one for one in page.selectbox if one.label == "Housing").set_value(None).run()
    page = button(page, "Ask for the decision")
    assert "Decided without: Housing." in said(page)


def test_a_known_applicant_fills_the_form_in(show: Show, home: Settings) -> None:
    page = show("applicant").radio(key="source-en").set_value("known").run()
    page = page.text_input(key="known_id").input("1").run()
    page = button(page, "Fill in the form")
    assert field(page, "Amount (DM) *").value == "1169"
    page = button(page, "Ask for the decision")
    assert [record.applicant_id for record in DecisionStore(home.decision_log).search()] == ["1"]


def test_an_unknown_number_is_said_to_be_unknown(show: Show) -> None:
    page = show("applicant").radio(key="source-en").set_value("known").run()
    page = page.text_input(key="known_id").input("4711").run()
    assert "no applicant with this number" in said(button(page, "Fill in the form"))


def test_a_reference_with_a_blank_is_not_sent(show: Show, service: Bridge) -> None:
    page = show("applicant")
    reference = next(one for one in page.text_input if one.label.startswith("Your reference"))
    page = button(reference.input("Jane Doe").run(), "Ask for the decision")
    assert "No names, please" in said(page)
    assert "/predict" not in service.asked


def test_the_field_of_the_reference_stays_when_another_example_is_chosen(show: Show) -> None:
    """What is being typed there is the browser's: it is lost if the field is another one, or is given a value."""

    def reference(page: AppTest) -> Any:
        return next(one for one in page.text_input if one.label.startswith("Your reference"))

    page = show("applicant")
    field = reference(page)
    page = page.selectbox(key="example-en").select("refused").run()
    assert (reference(page).id, reference(page).proto.set_value) == (field.id, False)
    # What was given with one application is not taken for the next, whatever the browser still says about the field.
    page = reference(page).input("A-1").run()
    page = page.selectbox(key="example-en").select("accepted").run()
    assert reference(page).value == ""
    assert reference(page).id != field.id


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(401, "does not know this console's API key"), (429, "Too many requests"), (503, "decides nothing at the moment")],
)
def test_a_service_that_refuses_is_a_sentence(show: Show, service: Bridge, status: int, sentence: str) -> None:
    page = show("applicant")
    error = httpx.Response(status, json={"error": {"code": "c", "message": "m"}})
    service.instead = lambda request: error if request.url.path == "/predict" else None
    page = button(page, "Ask for the decision")
    assert sentence in said(page)
    assert not page.exception


def test_a_decision_stands_when_it_cannot_be_explained(show: Show, service: Bridge) -> None:
    page = show("applicant")
    error = httpx.Response(403, json={"error": {"code": "forbidden", "message": "m"}})
    service.instead = lambda request: error if request.url.path == "/explain" else None
    page = button(page, "Ask for the decision")
    assert "Accepted: the risk of" in said(page)
    assert "scopes score and explain" in said(page)


def test_a_service_that_is_down_is_said_to_be(show: Show, service: Bridge) -> None:
    def fail(request: httpx.Request) -> httpx.Response | None:
        raise httpx.ConnectError("refused")

    service.instead = fail
    assert "cannot be reached" in said(show("applicant"))


@pytest.mark.parametrize(
    ("field", "now", "expected"),
    [
        ({"kind": "integer", "minimum": 100, "maximum": 100_000}, 9000, (1800, 18_000, 100)),
        ({"kind": "integer", "minimum": 100, "maximum": 10_000}, 9000, (1800, 10_000, 100)),
        ({"kind": "integer", "minimum": 1, "maximum": 4}, 3, (1, 4, 1)),
        ({"kind": "integer", "minimum": 1, "maximum": 120}, 6, (1, 12, 1)),
        ({"kind": "number", "minimum": 0.0, "maximum": 1e8}, 0.5, (0.1, 1.0, 0.01)),
        ({"kind": "number"}, -20.0, (-40.0, -4.0, 1.0)),
    ],
)
def test_a_slider_goes_from_a_fifth_to_twice_within_the_contract(
    field: dict[str, object], now: float, expected: tuple[float, float, float]
) -> None:
    declared = Field(name="f", description="", required=True, **field)  # type: ignore[arg-type]  # given by the case
    assert slider_range(declared, now) == pytest.approx(expected)
