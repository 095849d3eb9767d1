"""What holds for all declarations together: numbers, names, words, reasons, and what must never be read."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from credit_platform.features.compiling import compile_group
from credit_platform.features.engines.native import to_polars
from credit_platform.features.reading import clean_schema
from credit_platform.portfolios.feature_group import Feature, FeatureGroup, FeatureKind
from credit_platform.portfolios.home_credit.features import AUDIT_FEATURES, CROSS_FEATURES, FEATURE_GROUPS
from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import home_credit

FEATURES = home_credit().features
SOURCES = {
    "application": "application",
    "bureau": "bureau",
    "bureau_balance": "bureau_balance",
    "previous_application": "previous",
    "pos_cash_balance": "pos_cash",
    "credit_card_balance": "credit_card",
    "installments_payments": "installments",
}


def test_there_are_more_than_600_features_from_all_seven_tables() -> None:
    assert len(FEATURES) >= 600
    assert {group.table for group in FEATURE_GROUPS} == {
        table.name for table in home_credit().tables if table.name not in ("application_train", "application_test")
    } | {"application_train"}
    assert all(len(group.all_features) >= 30 for group in FEATURE_GROUPS)


def test_names_are_unique_and_so_are_descriptions() -> None:
    for field in ("name", "description"):
        counts = Counter(getattr(feature, field) for feature in FEATURES)
        assert [text for text, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("group", FEATURE_GROUPS, ids=lambda group: group.name)
def test_a_name_is_source_measure_condition_statistic(group: FeatureGroup) -> None:
    for feature in group.all_features:
        assert re.fullmatch(rf"{SOURCES[group.name]}(__[a-z0-9]+(_[a-z0-9]+)*){{2,4}}", feature.name), feature.name


def test_cross_features_are_called_cross() -> None:
    assert all(feature.name.startswith("cross__") for feature in CROSS_FEATURES)


@pytest.mark.parametrize("feature", [*FEATURES, *AUDIT_FEATURES], ids=lambda feature: feature.name)
def test_a_feature_is_described_and_has_a_reason(feature: Feature) -> None:
    assert re.fullmatch(r"[A-Z0-9].{8,}\.", feature.description)
    assert home_credit().reason(feature.reason).code == feature.reason
    if feature.minimum is not None and feature.maximum is not None:
        assert feature.minimum < feature.maximum
    if feature.kind is FeatureKind.CATEGORICAL:
        assert (feature.monotone, feature.minimum, feature.maximum) == (0, None, None)


def test_every_reason_explains_a_feature() -> None:
    used = {feature.reason for feature in FEATURES}
    assert {reason.code for reason in home_credit().reasons} == used


@pytest.mark.parametrize("group", FEATURE_GROUPS, ids=lambda group: group.name)
def test_protected_columns_and_the_target_are_out_of_reach(group: FeatureGroup) -> None:
    schema = clean_schema(home_credit().table(group.table), home_credit())
    assert not {"CODE_GENDER", "NAME_FAMILY_STATUS", "TARGET"} & set(schema)
    compile_group(group, home_credit())  # a definition that reads another column would fail here


def test_who_came_along_is_not_read() -> None:
    """The companion of an applicant ("Spouse, partner") would give the family status away."""
    for group in FEATURE_GROUPS:
        expressions = [e for step in group.steps for e in step.values()] + [f.expression for f in group.features]
        read = {name for expression in to_polars(expressions) for name in expression.meta.root_names()}
        assert "NAME_TYPE_SUITE" not in read


def test_every_history_says_what_was_known() -> None:
    for group in FEATURE_GROUPS:
        assert group.history == (group.name != "application")
        assert (group.known_at is not None) == group.history


def test_signs_follow_credit_theory() -> None:
    signs = {feature.name: feature.monotone for feature in FEATURES}
    assert signs["application__external_score__2__score"] == -1
    assert signs["installments__worst_delay__all__max"] == 1
    assert signs["previous__applications__refused__share"] == 1
    assert signs["bureau__credit__all__sum"] == 0
