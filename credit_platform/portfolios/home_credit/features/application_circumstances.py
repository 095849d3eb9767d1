"""Features of the circumstances of an application: region, addresses, contacts, enquiries, documents, moment.

What is here: row expressions over the columns that say where, when and with what papers somebody applied.
What to add here: likewise.
What must not be here: amounts, the person's own situation, external scores, the building.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature
from credit_platform.portfolios.home_credit.features.application_columns import category, numeric, total
from credit_platform.portfolios.home_credit.features.declare import flag, number, ratio

_REQUESTS = {
    "hour": ("HOUR", "in the hour before the application"),
    "day": ("DAY", "on the day before the application, its last hour apart"),
    "week": ("WEEK", "in the week before the application, its last day apart"),
    "month": ("MON", "in the month before the application, its last week apart"),
    "quarter": ("QRT", "in the quarter before the application, its last month apart"),
    "year": ("YEAR", "in the year before the application, its last quarter apart"),
}
_LAST_MONTH = ("HOUR", "DAY", "WEEK", "MON")
_RARE_DOCUMENTS = (2, 4, 7, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 21)
_COMMON_DOCUMENTS = (3, 5, 6, 8, 16, 18)
_MISMATCHES = {
    "registered_and_home_region": ("REG_REGION_NOT_LIVE_REGION", "Registered region and region of residence differ."),
    "registered_and_work_region": ("REG_REGION_NOT_WORK_REGION", "Registered region and region of work differ."),
    "home_and_work_region": ("LIVE_REGION_NOT_WORK_REGION", "Region of residence and region of work differ."),
    "registered_and_home_city": ("REG_CITY_NOT_LIVE_CITY", "Registered city and city of residence differ."),
    "registered_and_work_city": ("REG_CITY_NOT_WORK_CITY", "Registered city and city of work differ."),
    "home_and_work_city": ("LIVE_CITY_NOT_WORK_CITY", "City of residence and city of work differ."),
}
_CONTACTS = ("FLAG_EMP_PHONE", "FLAG_WORK_PHONE", "FLAG_CONT_MOBILE", "FLAG_PHONE", "FLAG_EMAIL")


CIRCUMSTANCE_STEP: Mapping[str, nw.Expr] = {
    "requests": total([f"AMT_REQ_CREDIT_BUREAU_{code}" for code, _ in _REQUESTS.values()]),
    "mismatches": total([column for column, _ in _MISMATCHES.values()]),
}

_REGION = (
    numeric(
        "region__population__share",
        nw.col("population"),
        "Share of the country's people who live in the region.",
        "region",
        "share",
        low=0,
        high=1,
    ),
    numeric(
        "region__rating__score",
        number("REGION_RATING_CLIENT"),
        "Our rating of the region, 1 best to 3 worst; null where it has none.",
        "region",
        low=1,
        high=3,
        sign=1,
    ),
    numeric(
        "region__rating_with_city__score",
        number("REGION_RATING_CLIENT_W_CITY"),
        "Our rating of the region and city, 1 best to 3 worst; null where it has none.",
        "region",
        low=1,
        high=3,
    ),
    *(
        numeric(f"address__{name}__flag", number(column), words, "region", low=0, high=1)
        for name, (column, words) in _MISMATCHES.items()
    ),
    numeric(
        "address__mismatches__count",
        nw.col("mismatches"),
        "Number of addresses that do not agree.",
        "region",
        "mismatches",
        low=0,
        high=6,
    ),
    numeric("phone__work__flag", number("FLAG_WORK_PHONE"), "Gave a phone at work.", "contact_details", low=0, high=1),
    numeric(
        "phone__employer__flag",
        number("FLAG_EMP_PHONE"),
        "Gave a phone of the employer.",
        "contact_details",
        low=0,
        high=1,
    ),
    numeric("phone__home__flag", number("FLAG_PHONE"), "Gave a phone at home.", "contact_details", low=0, high=1),
    numeric("email__flag", number("FLAG_EMAIL"), "Gave an e-mail address.", "contact_details", low=0, high=1),
    numeric(
        "contacts__count",
        total(list(_CONTACTS)),
        "Number of ways to reach the applicant.",
        "contact_details",
        "contacts",
        low=0,
        high=5,
    ),
    category("weekday", "WEEKDAY_APPR_PROCESS_START", "Weekday of the application.", "application_moment"),
    numeric(
        "hour__of_day",
        number("HOUR_APPR_PROCESS_START"),
        "Hour of the application.",
        "application_moment",
        "hours",
        low=0,
        high=23,
    ),
    numeric(
        "weekend__flag",
        flag(nw.col("WEEKDAY_APPR_PROCESS_START").is_in(["SATURDAY", "SUNDAY"])),
        "Applied at a weekend.",
        "application_moment",
        low=0,
        high=1,
    ),
)

_CIRCLE = tuple(
    feature
    for days in (30, 60)
    for feature in (
        numeric(
            f"social_circle__observed_{days}__count",
            number(f"OBS_{days}_CNT_SOCIAL_CIRCLE"),
            f"People around the applicant with a loan observed at {days} days past due.",
            "social_circle",
            "persons",
            low=0,
        ),
        numeric(
            f"social_circle__defaulted_{days}__count",
            number(f"DEF_{days}_CNT_SOCIAL_CIRCLE"),
            f"People around the applicant who were {days} days past due.",
            "social_circle",
            "persons",
            low=0,
            sign=1,
        ),
        numeric(
            f"social_circle__defaulted_{days}__share",
            ratio(number(f"DEF_{days}_CNT_SOCIAL_CIRCLE"), number(f"OBS_{days}_CNT_SOCIAL_CIRCLE")),
            f"Share of the people observed around the applicant who were {days} days past due.",
            "social_circle",
            "share",
            low=0,
            sign=1,
        ),
    )
)

_ENQUIRIES = (
    *(
        numeric(
            f"enquiries__{name}__count",
            number(f"AMT_REQ_CREDIT_BUREAU_{code}"),
            f"Enquiries about the applicant at the credit bureau {words}.",
            "enquiries",
            "enquiries",
            low=0,
        )
        for name, (code, words) in _REQUESTS.items()
    ),
    numeric(
        "enquiries__all__count",
        nw.col("requests"),
        "Enquiries at the credit bureau within a year.",
        "enquiries",
        "enquiries",
        low=0,
    ),
    numeric(
        "enquiries__last_month__share",
        ratio(total([f"AMT_REQ_CREDIT_BUREAU_{code}" for code in _LAST_MONTH]), nw.col("requests")),
        "Share of a year's enquiries that fell into the last month.",
        "enquiries",
        "share",
        low=0,
        high=1,
    ),
    numeric(
        "enquiries__last_quarter__count",
        nw.col("requests") - number("AMT_REQ_CREDIT_BUREAU_YEAR"),
        "Enquiries at the credit bureau within a quarter.",
        "enquiries",
        "enquiries",
        low=0,
    ),
)

_DOCUMENTS = (
    *(
        numeric(
            f"document_{k}__flag",
            number(f"FLAG_DOCUMENT_{k}"),
            f"Handed in document {k}.",
            "contact_details",
            low=0,
            high=1,
        )
        for k in _COMMON_DOCUMENTS
    ),
    numeric(
        "documents__rare__count",
        total([f"FLAG_DOCUMENT_{k}" for k in _RARE_DOCUMENTS]),
        "Number of seldom asked documents that were handed in.",
        "contact_details",
        "documents",
        low=0,
        high=14,
    ),
    numeric(
        "documents__all__count",
        total([f"FLAG_DOCUMENT_{k}" for k in range(2, 22)]),
        "Number of documents that were handed in.",
        "contact_details",
        "documents",
        low=0,
        high=20,
    ),
)

CIRCUMSTANCE_FEATURES: tuple[Feature, ...] = (*_REGION, *_CIRCLE, *_ENQUIRIES, *_DOCUMENTS)
