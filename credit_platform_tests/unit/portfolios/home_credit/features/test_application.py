"""Features of the application, computed by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from credit_platform.features import build_audit
from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import (
    features_of,
    home_credit,
    one,
    table_of,
)

APPLICATION: dict[str, Any] = {
    "AMT_INCOME_TOTAL": 120_000.0,
    "AMT_CREDIT": 240_000.0,
    "AMT_ANNUITY": 12_000.0,
    "AMT_GOODS_PRICE": 200_000.0,
    "CNT_CHILDREN": 2,
    "CNT_FAM_MEMBERS": 4.0,
    "DAYS_BIRTH": -14_610,  # 40 years
    "DAYS_EMPLOYED": -3_653,
    "FLAG_OWN_CAR": "Y",
    "OWN_CAR_AGE": 8.0,
    "EXT_SOURCE_2": 0.5,
    "EXT_SOURCE_3": 0.25,
    "NAME_EDUCATION_TYPE": "Higher education",
}


def _features(**changes: Any) -> dict[str, Any]:
    row = {**APPLICATION, **changes}
    return {name.removeprefix("application__"): value for name, value in one("application", [row]).items()}


def test_ratios_between_amounts() -> None:
    found = _features()
    assert found["credit__to_income__ratio"] == 2.0
    assert found["annuity__to_income__ratio"] == 0.1
    assert found["credit__to_annuity__ratio"] == 20.0
    assert found["credit__to_goods_price__ratio"] == 1.2
    assert found["credit__over_goods_price__difference"] == 40_000.0
    assert found["income__per_member__amount"] == 30_000.0
    assert found["income__per_child__amount"] == 40_000.0
    assert found["income__left_per_member__amount"] == 27_000.0


def test_a_missing_amount_leaves_its_ratios_unknown() -> None:
    found = _features(AMT_ANNUITY=None, AMT_GOODS_PRICE=None)
    assert found["credit__to_annuity__ratio"] is None
    assert found["credit__to_goods_price__ratio"] is None
    assert found["credit__to_income__ratio"] == 2.0


def test_days_become_years() -> None:
    found = _features()
    assert found["age__years"] == pytest.approx(40.0)
    assert found["employment__years"] == pytest.approx(3653 / 365.25)
    assert found["employment__to_age__ratio"] == pytest.approx(3653 / 14_610)
    assert found["term__at_end__age"] == pytest.approx(40.0 + 20 / 12)


def test_the_days_employed_sentinel_is_unknown() -> None:
    found = _features(DAYS_EMPLOYED=365_243)
    assert found["employment__years"] is None
    assert found["employment__to_age__ratio"] is None
    assert found["external_score__all__by_employment__product"] is None


def test_external_scores_that_are_unknown_are_left_out() -> None:
    found = _features()
    assert found["external_score__1__score"] is None
    assert found["external_score__all__known"] == 2.0
    assert found["external_score__all__mean"] == 0.375
    assert found["external_score__weighted__mean"] == pytest.approx((3 * 0.5 + 4 * 0.25) / 7)
    assert found["external_score__all__min"] == 0.25
    assert found["external_score__all__max"] == 0.5
    assert found["external_score__all__range"] == 0.25
    assert found["external_score__2_3__product"] == 0.125
    assert found["external_score__1_2__product"] is None
    assert found["external_score__all__product"] is None


def test_no_external_score_at_all() -> None:
    found = _features(EXT_SOURCE_2=None, EXT_SOURCE_3=None)
    assert found["external_score__all__known"] == 0.0
    assert found["external_score__all__mean"] is None
    assert found["external_score__all__min"] is None


def test_enquiries_add_up() -> None:
    counts = dict(zip(("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR"), (1.0, 0.0, 1.0, 2.0, 3.0, 3.0), strict=True))
    found = _features(**{f"AMT_REQ_CREDIT_BUREAU_{k}": v for k, v in counts.items()})
    assert found["enquiries__all__count"] == 10.0
    assert found["enquiries__last_quarter__count"] == 7.0
    assert found["enquiries__last_month__share"] == 0.4
    assert _features()["enquiries__all__count"] is None


def test_documents_and_addresses_are_counted() -> None:
    found = _features(FLAG_DOCUMENT_3=1, FLAG_DOCUMENT_2=1, REG_CITY_NOT_LIVE_CITY=1, REG_CITY_NOT_WORK_CITY=1)
    assert found["documents__all__count"] == 2.0
    assert found["documents__rare__count"] == 1.0
    assert found["document_3__flag"] == 1.0
    assert found["address__mismatches__count"] == 2.0


def test_social_circle_shares() -> None:
    found = _features(OBS_30_CNT_SOCIAL_CIRCLE=4.0, DEF_30_CNT_SOCIAL_CIRCLE=1.0, OBS_60_CNT_SOCIAL_CIRCLE=0.0)
    assert found["social_circle__defaulted_30__share"] == 0.25
    assert found["social_circle__defaulted_60__share"] is None


def test_flags_and_categories() -> None:
    found = _features(WEEKDAY_APPR_PROCESS_START="SUNDAY", OCCUPATION_TYPE="Drivers")
    assert found["car__flag"] == 1.0
    assert found["higher_education__flag"] == 1.0
    assert found["weekend__flag"] == 1.0
    assert found["occupation__category"] == "Drivers"
    assert found["occupation__missing__flag"] == 0.0
    assert _features()["occupation__missing__flag"] == 1.0


def test_building_measures_that_are_known_are_counted() -> None:
    found = _features(APARTMENTS_AVG=0.1, LIVINGAREA_MODE=0.2, TOTALAREA_MODE=0.4, EMERGENCYSTATE_MODE="Yes")
    assert found["building__known__count"] == 1.0
    assert found["building__living_to_total_area__ratio"] == 0.5
    assert found["building_emergency__flag"] == 1.0
    assert _features()["building__living_to_total_area__ratio"] is None


def test_training_and_scoring_applicants_have_the_same_features() -> None:
    row = APPLICATION
    found = features_of("application", [{**row, "SK_ID_CURR": 1}], application_test=[{**row, "SK_ID_CURR": 2}])
    assert {k: v for k, v in found[1].items() if k != "SK_ID_CURR"} == {
        k: v for k, v in found[2].items() if k != "SK_ID_CURR"
    }


@pytest.mark.parametrize(
    ("years", "band"),
    [(24.9, "under 25"), (25.1, "25 to 34"), (44.9, "35 to 44"), (64.9, "55 to 64"), (66, "65 and over")],
)
def test_age_bands(years: float, band: str) -> None:
    rows = [{"SK_ID_CURR": 1, "DAYS_BIRTH": -int(years * 365.25)}]
    tables = {
        "application_train": table_of("application_train", rows),
        "application_test": table_of("application_test", []),
    }
    audit: pl.DataFrame = build_audit(home_credit(), tables).collect()
    assert audit["audit__age_band__category"].to_list() == [band]
    assert {"CODE_GENDER", "NAME_FAMILY_STATUS"} <= set(audit.columns)


def test_the_last_bit_of_a_mean_does_not_hang_on_who_else_is_scored() -> None:
    scores = (0.004348630208817594, 0.13804781532563015, 0.9185239381676041)
    row = {**APPLICATION, **{f"EXT_SOURCE_{k}": score for k, score in enumerate(scores, start=1)}}
    for others in ([], [{**row, "SK_ID_CURR": 2}], [{**row, "SK_ID_CURR": 2, "EXT_SOURCE_1": None}]):
        found = features_of("application", [{**row, "SK_ID_CURR": 1}, *others])
        assert found[1]["application__external_score__all__mean"] == sum(scores) / 3


def test_a_region_without_a_rating_is_null() -> None:
    found = _features(REGION_RATING_CLIENT=-1, REGION_RATING_CLIENT_W_CITY=-1)
    assert found["region__rating__score"] is found["region__rating_with_city__score"] is None


def test_a_job_that_began_before_birth_is_no_job() -> None:
    found = _features(DAYS_BIRTH=-7_000, DAYS_EMPLOYED=-8_000)
    assert found["employment__years"] is found["employment__start_age__years"] is None
    assert _features(DAYS_BIRTH=-7_000, DAYS_EMPLOYED=-7_000)["employment__to_age__ratio"] == 1.0
