"""Sentences about protected attributes are true of the portfolio in front of the reader."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw

from credit_platform.governance.attributes import attribute_sentences, audited_attributes, kept_out
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.feature_group import Feature

GERMAN, HOME = get_portfolio("german_credit"), get_portfolio("home_credit")


def test_what_no_feature_reads_is_said_to_be_kept_for_the_audit() -> None:
    out, age = attribute_sentences(GERMAN)
    assert "sex and marital status (personal_status_sex) and nationality (foreign_worker)" in out
    assert age == "Age (age_years) is read by no feature of the portfolio; it is kept for the audit."


def test_what_features_read_is_named_with_them() -> None:
    out, age = attribute_sentences(HOME)
    assert "gender (CODE_GENDER) and family status (NAME_FAMILY_STATUS)" in out
    assert age.startswith("Age (DAYS_BIRTH) is read by ")
    (audited,) = audited_attributes(HOME)
    assert "application__age__years" in audited.features
    assert f"{len(audited.features)} features of the portfolio" in age
    (model,) = audited_attributes(HOME, {"application__age__years", "application__external_score__1__by_age__product"})
    assert len(model.features) == 2


def test_a_feature_that_reads_it_changes_the_sentence() -> None:
    group, *others = GERMAN.feature_groups
    older = Feature(name="older", expression=nw.col("age_years"), description="Age.", reason=group.features[0].reason)
    portfolio = replace(GERMAN, feature_groups=(replace(group, features=(*group.features, older)), *others))
    assert (
        attribute_sentences(portfolio)[1]
        == "Age (age_years) is read by 1 feature of the portfolio, and audited: older."
    )


def test_without_protected_columns_nothing_is_promised() -> None:
    table = GERMAN.table(GERMAN.training_table)
    free = replace(table, columns=tuple(replace(one, protected=None) for one in table.columns))
    assert "declares no attribute" in kept_out(replace(GERMAN, tables=(free,)))
