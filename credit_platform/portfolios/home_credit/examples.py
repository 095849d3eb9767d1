"""Example applicants: made up, for the documentation of the service and the demonstration.

What is here: two applications, with the rows of their histories where they have any.
What to add here: another kind of applicant that a reader should see.
What must not be here: a row of any file, real or generated: nobody may be recognised in these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Row = Mapping[str, object]

_COMMON: Row = {
    "NAME_CONTRACT_TYPE": "Cash loans",
    "FLAG_EMP_PHONE": 1,
    "FLAG_CONT_MOBILE": 1,
    "FLAG_DOCUMENT_3": 1,
    "REG_REGION_NOT_LIVE_REGION": 0,
    "REG_REGION_NOT_WORK_REGION": 0,
    "LIVE_REGION_NOT_WORK_REGION": 0,
    "REG_CITY_NOT_LIVE_CITY": 0,
    "HOUR_APPR_PROCESS_START": 11,
    "WEEKDAY_APPR_PROCESS_START": "TUESDAY",
    "AMT_REQ_CREDIT_BUREAU_HOUR": 0,
    "AMT_REQ_CREDIT_BUREAU_DAY": 0,
    "AMT_REQ_CREDIT_BUREAU_WEEK": 0,
    "AMT_REQ_CREDIT_BUREAU_MON": 0,
    **{f"FLAG_DOCUMENT_{number}": 0 for number in (2, *range(4, 22))},
}

_SETTLED: Row = {
    **_COMMON,
    "FLAG_OWN_CAR": "Y",
    "OWN_CAR_AGE": 4,
    "FLAG_OWN_REALTY": "Y",
    "CNT_CHILDREN": 1,
    "CNT_FAM_MEMBERS": 3,
    "AMT_INCOME_TOTAL": 225000,
    "AMT_CREDIT": 450000,
    "AMT_GOODS_PRICE": 450000,
    "AMT_ANNUITY": 27000,
    "NAME_INCOME_TYPE": "State servant",
    "NAME_EDUCATION_TYPE": "Higher education",
    "NAME_HOUSING_TYPE": "House / apartment",
    "OCCUPATION_TYPE": "Core staff",
    "ORGANIZATION_TYPE": "School",
    "REGION_POPULATION_RELATIVE": 0.0355,
    "REGION_RATING_CLIENT": 1,
    "REGION_RATING_CLIENT_W_CITY": 1,
    "DAYS_BIRTH": -17520,
    "DAYS_EMPLOYED": -5475,
    "DAYS_REGISTRATION": -7300,
    "DAYS_ID_PUBLISH": -4015,
    "DAYS_LAST_PHONE_CHANGE": -1825,
    "FLAG_WORK_PHONE": 0,
    "FLAG_PHONE": 1,
    "FLAG_EMAIL": 0,
    "REG_CITY_NOT_WORK_CITY": 0,
    "LIVE_CITY_NOT_WORK_CITY": 0,
    "EXT_SOURCE_1": 0.72,
    "EXT_SOURCE_2": 0.70,
    "EXT_SOURCE_3": 0.68,
    "OBS_30_CNT_SOCIAL_CIRCLE": 0,
    "DEF_30_CNT_SOCIAL_CIRCLE": 0,
    "OBS_60_CNT_SOCIAL_CIRCLE": 0,
    "DEF_60_CNT_SOCIAL_CIRCLE": 0,
    "AMT_REQ_CREDIT_BUREAU_QRT": 0,
    "AMT_REQ_CREDIT_BUREAU_YEAR": 1,
}

_STRETCHED: Row = {
    **_COMMON,
    "FLAG_OWN_CAR": "N",
    "FLAG_OWN_REALTY": "N",
    "CNT_CHILDREN": 0,
    "CNT_FAM_MEMBERS": 1,
    "AMT_INCOME_TOTAL": 90000,
    "AMT_CREDIT": 508500,
    "AMT_GOODS_PRICE": 450000,
    "AMT_ANNUITY": 31500,
    "NAME_INCOME_TYPE": "Working",
    "NAME_EDUCATION_TYPE": "Secondary / secondary special",
    "NAME_HOUSING_TYPE": "Rented apartment",
    "OCCUPATION_TYPE": "Laborers",
    "ORGANIZATION_TYPE": "Self-employed",
    "REGION_POPULATION_RELATIVE": 0.0101,
    "REGION_RATING_CLIENT": 3,
    "REGION_RATING_CLIENT_W_CITY": 3,
    "DAYS_BIRTH": -9125,
    "DAYS_EMPLOYED": -180,
    "DAYS_REGISTRATION": -400,
    "DAYS_ID_PUBLISH": -300,
    "DAYS_LAST_PHONE_CHANGE": -3,
    "FLAG_WORK_PHONE": 1,
    "FLAG_PHONE": 0,
    "FLAG_EMAIL": 0,
    "REG_CITY_NOT_WORK_CITY": 1,
    "LIVE_CITY_NOT_WORK_CITY": 1,
    "EXT_SOURCE_1": 0.18,
    "EXT_SOURCE_2": 0.16,
    "EXT_SOURCE_3": 0.14,
    "OBS_30_CNT_SOCIAL_CIRCLE": 4,
    "DEF_30_CNT_SOCIAL_CIRCLE": 2,
    "OBS_60_CNT_SOCIAL_CIRCLE": 4,
    "DEF_60_CNT_SOCIAL_CIRCLE": 2,
    "AMT_REQ_CREDIT_BUREAU_QRT": 2,
    "AMT_REQ_CREDIT_BUREAU_YEAR": 6,
}

_OTHER_LENDERS: tuple[Row, ...] = (
    {
        "SK_ID_BUREAU": 1,
        "CREDIT_ACTIVE": "Active",
        "CREDIT_CURRENCY": "currency 1",
        "DAYS_CREDIT": -200,
        "CREDIT_DAY_OVERDUE": 25,
        "DAYS_CREDIT_ENDDATE": 165,
        "AMT_CREDIT_MAX_OVERDUE": 9000,
        "CNT_CREDIT_PROLONG": 0,
        "AMT_CREDIT_SUM": 135000,
        "AMT_CREDIT_SUM_DEBT": 117000,
        "AMT_CREDIT_SUM_LIMIT": 0,
        "AMT_CREDIT_SUM_OVERDUE": 9000,
        "CREDIT_TYPE": "Consumer credit",
        "DAYS_CREDIT_UPDATE": -10,
    },
    {
        "SK_ID_BUREAU": 2,
        "CREDIT_ACTIVE": "Active",
        "CREDIT_CURRENCY": "currency 1",
        "DAYS_CREDIT": -90,
        "CREDIT_DAY_OVERDUE": 0,
        "DAYS_CREDIT_ENDDATE": 30,
        "CNT_CREDIT_PROLONG": 1,
        "AMT_CREDIT_SUM": 22500,
        "AMT_CREDIT_SUM_DEBT": 22500,
        "AMT_CREDIT_SUM_OVERDUE": 0,
        "CREDIT_TYPE": "Microloan",
        "DAYS_CREDIT_UPDATE": -12,
    },
)
_MONTHS: tuple[Row, ...] = tuple(
    {"SK_ID_BUREAU": 1, "MONTHS_BALANCE": -month, "STATUS": status} for month, status in enumerate("11000X")
)
_PREVIOUS: tuple[Row, ...] = (
    {
        "SK_ID_PREV": 1,
        "NAME_CONTRACT_TYPE": "Consumer loans",
        "AMT_ANNUITY": 9000,
        "AMT_APPLICATION": 81000,
        "AMT_CREDIT": 81000,
        "AMT_DOWN_PAYMENT": 0,
        "AMT_GOODS_PRICE": 81000,
        "WEEKDAY_APPR_PROCESS_START": "SATURDAY",
        "HOUR_APPR_PROCESS_START": 14,
        "FLAG_LAST_APPL_PER_CONTRACT": "Y",
        "NFLAG_LAST_APPL_IN_DAY": 1,
        "RATE_DOWN_PAYMENT": 0,
        "NAME_CASH_LOAN_PURPOSE": "XAP",
        "NAME_CONTRACT_STATUS": "Approved",
        "DAYS_DECISION": -330,
        "NAME_PAYMENT_TYPE": "Cash through the bank",
        "CODE_REJECT_REASON": "XAP",
        "NAME_CLIENT_TYPE": "New",
        "NAME_GOODS_CATEGORY": "Mobile",
        "NAME_PORTFOLIO": "POS",
        "NAME_PRODUCT_TYPE": "XNA",
        "CHANNEL_TYPE": "Country-wide",
        "SELLERPLACE_AREA": 50,
        "NAME_SELLER_INDUSTRY": "Connectivity",
        "CNT_PAYMENT": 12,
        "NAME_YIELD_GROUP": "high",
        "PRODUCT_COMBINATION": "POS mobile with interest",
        "DAYS_FIRST_DUE": -300,
        "DAYS_LAST_DUE_1ST_VERSION": 30,
    },
)
_INSTALMENTS: tuple[Row, ...] = tuple(
    {
        "SK_ID_PREV": 1,
        "NUM_INSTALMENT_VERSION": 1,
        "NUM_INSTALMENT_NUMBER": number,
        "DAYS_INSTALMENT": -330 + 30 * number,
        "DAYS_ENTRY_PAYMENT": -330 + 30 * number + late,
        "AMT_INSTALMENT": 9000,
        "AMT_PAYMENT": 9000,
    }
    for number, late in enumerate((0, 2, 0, 5, 9, 12, 8, 15), start=1)
)

EXAMPLES: Mapping[str, Row] = {"accepted": _SETTLED, "refused": _STRETCHED}
"""Made-up applications by the decision that a model trained on these data should reach."""

EXAMPLE_HISTORIES: Mapping[str, Mapping[str, Sequence[Row]]] = {
    "refused": {
        "bureau": _OTHER_LENDERS,
        "bureau_balance": _MONTHS,
        "previous_application": _PREVIOUS,
        "installments_payments": _INSTALMENTS,
    }
}
"""Made-up histories of those applicants who have any; the applicant accepted has never borrowed."""
