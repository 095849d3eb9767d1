"""Features of the person who applies: age, work, household, possessions, age of papers and phone number.

What is here: row expressions over what the applicant states about themselves.
What to add here: likewise.
What must not be here: gender, family status, who came along (they reveal protected attributes), amounts.
"""

from __future__ import annotations

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature
from credit_platform.portfolios.home_credit.features.application_columns import category, known, numeric
from credit_platform.portfolios.home_credit.features.declare import flag, ratio

PERSON_FEATURES: tuple[Feature, ...] = (
    numeric("age__years", nw.col("age"), "Age of the applicant.", "age", "years", low=0, high=130),
    numeric(
        "employment__years", nw.col("employed"), "Time in the present job.", "employment", "years", low=0, high=100
    ),
    numeric(
        "employment__to_age__ratio",
        ratio(nw.col("employed"), nw.col("age")),
        "Share of life in the present job.",
        "employment",
        "share",
        low=0,
        high=1,
    ),
    numeric(
        "employment__start_age__years",
        nw.col("age") - nw.col("employed"),
        "Age at which the present job began.",
        "employment",
        "years",
        low=0,
        high=130,
    ),
    numeric(
        "registration__years",
        nw.col("registered"),
        "Time since the registration was last changed.",
        "contact_details",
        "years",
        low=0,
    ),
    numeric(
        "registration__to_age__ratio",
        ratio(nw.col("registered"), nw.col("age")),
        "Time since the registration was last changed, against age.",
        "contact_details",
        "share",
        low=0,
    ),
    numeric(
        "identity_document__years",
        nw.col("identified"),
        "Time since the identity document was last changed.",
        "contact_details",
        "years",
        low=0,
    ),
    numeric(
        "identity_document__to_age__ratio",
        ratio(nw.col("identified"), nw.col("age")),
        "Time since the identity document was last changed, against age.",
        "contact_details",
        "share",
        low=0,
    ),
    numeric(
        "identity_document__start_age__years",
        nw.col("age") - nw.col("identified"),
        "Age at the last change of the identity document.",
        "contact_details",
        "years",
    ),
    numeric(
        "registration__after_identity__years",
        nw.col("identified") - nw.col("registered"),
        "Time from the change of the identity document to that of the registration.",
        "contact_details",
        "years",
    ),
    numeric(
        "phone_change__years",
        nw.col("phone_changed"),
        "Time since the phone number was last changed.",
        "contact_details",
        "years",
        low=0,
    ),
    numeric(
        "phone_change__to_age__ratio",
        ratio(nw.col("phone_changed"), nw.col("age")),
        "Time since the phone number was last changed, against age.",
        "contact_details",
        "share",
        low=0,
    ),
    numeric(
        "phone_change__to_employment__ratio",
        ratio(nw.col("phone_changed"), nw.col("employed")),
        "Time since the phone number was last changed, against time in the job.",
        "contact_details",
        "ratio",
        low=0,
    ),
    numeric(
        "identity_document__to_registration__ratio",
        ratio(nw.col("identified"), nw.col("registered") + 1.0),
        "Age of the identity document against age of the registration.",
        "contact_details",
        "ratio",
        low=0,
    ),
    numeric("children__count", nw.col("children"), "Number of children.", "household", "children", low=0),
    numeric("household__members__count", nw.col("members"), "Members of the household.", "household", "persons", low=1),
    numeric(
        "children__to_members__ratio",
        ratio(nw.col("children"), nw.col("members")),
        "Children against members of the household.",
        "household",
        "share",
        low=0,
    ),
    numeric("car__flag", flag(nw.col("FLAG_OWN_CAR") == "Y"), "Owns a car.", "assets", low=0, high=1),
    numeric(
        "realty__flag", flag(nw.col("FLAG_OWN_REALTY") == "Y"), "Owns a home or other realty.", "assets", low=0, high=1
    ),
    numeric("car__age__years", nw.col("car_age"), "Age of the car.", "assets", "years", low=0),
    numeric(
        "car__age_to_age__ratio",
        ratio(nw.col("car_age"), nw.col("age")),
        "Age of the car against age.",
        "assets",
        "ratio",
        low=0,
    ),
    numeric(
        "car__age_to_employment__ratio",
        ratio(nw.col("car_age"), nw.col("employed") + 1.0),
        "Age of the car against time in the job.",
        "assets",
        "ratio",
        low=0,
    ),
    category("income_type", "NAME_INCOME_TYPE", "Where the income comes from.", "employment"),
    category("education", "NAME_EDUCATION_TYPE", "Highest education.", "education"),
    category("housing", "NAME_HOUSING_TYPE", "Kind of housing.", "housing"),
    category("occupation", "OCCUPATION_TYPE", "Occupation.", "employment"),
    category("employer", "ORGANIZATION_TYPE", "Kind of employer.", "employment"),
    numeric(
        "occupation__missing__flag",
        1.0 - known("OCCUPATION_TYPE"),
        "No occupation is stated.",
        "employment",
        low=0,
        high=1,
    ),
    numeric(
        "self_employed__flag",
        flag(nw.col("ORGANIZATION_TYPE") == "Self-employed"),
        "Is self-employed.",
        "employment",
        low=0,
        high=1,
    ),
    numeric(
        "higher_education__flag",
        flag(nw.col("NAME_EDUCATION_TYPE").is_in(["Higher education", "Academic degree"])),
        "Has completed higher education.",
        "education",
        low=0,
        high=1,
        sign=-1,
    ),
    numeric(
        "own_home__flag",
        flag(nw.col("NAME_HOUSING_TYPE") == "House / apartment"),
        "Lives in a house or flat of the household's own.",
        "housing",
        low=0,
        high=1,
    ),
    numeric(
        "working__flag",
        flag(nw.col("NAME_INCOME_TYPE") == "Working"),
        "Lives on wages from private employment.",
        "employment",
        low=0,
        high=1,
    ),
)
