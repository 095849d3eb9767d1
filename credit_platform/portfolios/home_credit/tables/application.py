"""Contract of the application files: one row per applicant, as known on the day of the application.

What is here: columns of `application_train.csv` (with the outcome) and of `application_test.csv` (without it).
What to add here: a column when the lender starts to record one.
What must not be here: the building statistics (see `housing`).
"""

from __future__ import annotations

from credit_platform.portfolios.home_credit.tables import vocabulary as words
from credit_platform.portfolios.home_credit.tables.column_kinds import (
    UNKNOWN_DAY,
    amount,
    category,
    count,
    day,
    flag,
    float_count,
    float_day,
    identifier,
    share,
)
from credit_platform.portfolios.home_credit.tables.described import DESCRIPTION
from credit_platform.portfolios.home_credit.tables.housing import HOUSING_COLUMNS
from credit_platform.portfolios.home_credit.tables.usual import usual
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable

INT32 = ColumnType.INT32
INT8 = ColumnType.INT8
UNRATED = -1
"""Stands in one row of the real `application_test.csv` where the region with its city has no rating."""

KEY = identifier("SK_ID_CURR", "Identifies the applicant and the application to be decided.")
TARGET = flag("TARGET", "Outcome: 1 when the applicant fell seriously behind early in the loan, 0 when not.")

_LOAN_AND_PERSON = (
    Column(
        name="NAME_CONTRACT_TYPE",
        type=ColumnType.STRING,
        description="Whether a cash loan with fixed instalments or a revolving credit line is asked for.",
        allowed=("Cash loans", "Revolving loans"),
        influenceable=True,
    ),
    Column(
        name="CODE_GENDER",
        type=ColumnType.STRING,
        description="Gender as recorded by the clerk; XNA where none was.",
        allowed=("F", "M", "XNA"),
        protected="gender",
    ),
    category("FLAG_OWN_CAR", "Whether the applicant owns a car (Y or N).", words.YES_NO_LETTERS),
    category("FLAG_OWN_REALTY", "Whether the applicant owns a house or a flat (Y or N).", words.YES_NO_LETTERS),
    count("CNT_CHILDREN", "Number of the applicant's children.", maximum=50, unit="children", storage=INT8),
    # The least income in the real files is 25,650: a file whose incomes are in thousands fails here and is named.
    amount(
        "AMT_INCOME_TOTAL",
        "Yearly income that the applicant declared.",
        minimum=10_000,
        maximum=1e9,
        typical=(5e4, 5e5),
    ),
    amount(
        "AMT_CREDIT",
        "Amount of the loan asked for.",
        maximum=1e8,
        influenceable=True,
        advice="lower",
        typical=(1.5e5, 1.5e6),
    ),
    amount(
        "AMT_ANNUITY",
        "Amount to pay back each period.",
        nullable=True,
        maximum=1e7,
        influenceable=True,
        advice="any",
        typical=(8e3, 8e4),
    ),
    amount(
        "AMT_GOODS_PRICE",
        "Price of what the loan pays for.",
        nullable=True,
        maximum=1e8,
        influenceable=True,
        advice="lower",
        typical=(1.2e5, 1.4e6),
    ),
    category("NAME_TYPE_SUITE", "Who came along when the application was made.", words.COMPANY, nullable=True),
    category("NAME_INCOME_TYPE", "Where the applicant's income comes from.", words.INCOME_TYPES),
    category("NAME_EDUCATION_TYPE", "Highest education that the applicant reached.", words.EDUCATION),
    Column(
        name="NAME_FAMILY_STATUS",
        type=ColumnType.STRING,
        description="Family status of the applicant.",
        allowed=words.FAMILY_STATUS,
        protected="family status",
    ),
    category("NAME_HOUSING_TYPE", "How the applicant lives.", words.HOUSING),
    share("REGION_POPULATION_RELATIVE", "Population of the region of residence, scaled to 0..1.", nullable=False),
    day(
        "DAYS_BIRTH",
        "Day of birth, so minus the age in days.",
        minimum=-40_000,
        maximum=-5_844,
        storage=INT32,
        typical=(-2e4, -1.1e4),
        audited="age",
    ),
    Column(
        name="DAYS_EMPLOYED",
        type=INT32,
        description="Day on which the present employment began; 365243 for people without an employer.",
        unit="days",
        minimum=-30_000,
        maximum=0,
        sentinel=UNKNOWN_DAY,
    ),
    float_day("DAYS_REGISTRATION", "Day of the last change of registration.", minimum=-40_000, nullable=False),
    day("DAYS_ID_PUBLISH", "Day on which the identity document was issued.", minimum=-20_000),
    float_count("OWN_CAR_AGE", "Age of the applicant's car.", maximum=150, unit="years"),
    flag("FLAG_MOBIL", "Whether a mobile number was given."),
    flag("FLAG_EMP_PHONE", "Whether a phone number of the employer was given."),
    flag("FLAG_WORK_PHONE", "Whether a phone number at work was given."),
    flag("FLAG_CONT_MOBILE", "Whether the mobile number could be reached."),
    flag("FLAG_PHONE", "Whether a phone number at home was given."),
    flag("FLAG_EMAIL", "Whether an e-mail address was given."),
    category("OCCUPATION_TYPE", "Occupation of the applicant.", words.OCCUPATIONS, nullable=True),
    float_count("CNT_FAM_MEMBERS", "Members of the household.", minimum=1, maximum=50, unit="people"),
)

_PLACE_AND_TIME = (
    Column(
        name="REGION_RATING_CLIENT",
        type=INT8,
        description="The lender's rating of the region of residence, 1 best to 3 worst, -1 unrated.",
        allowed=(1, 2, 3),
        sentinel=UNRATED,
    ),
    Column(
        name="REGION_RATING_CLIENT_W_CITY",
        type=INT8,
        description="The lender's rating of the region with the city considered, 1 best to 3 worst, -1 unrated.",
        allowed=(1, 2, 3),
        sentinel=UNRATED,
    ),
    category("WEEKDAY_APPR_PROCESS_START", "Weekday on which the application was made.", words.WEEKDAYS),
    count("HOUR_APPR_PROCESS_START", "Hour at which the application was made.", maximum=23, unit="hour", storage=INT8),
    flag("REG_REGION_NOT_LIVE_REGION", "Whether registered in another region than the one lived in."),
    flag("REG_REGION_NOT_WORK_REGION", "Whether registered in another region than the one worked in."),
    flag("LIVE_REGION_NOT_WORK_REGION", "Whether living in another region than the one worked in."),
    flag("REG_CITY_NOT_LIVE_CITY", "Whether registered in another city than the one lived in."),
    flag("REG_CITY_NOT_WORK_CITY", "Whether registered in another city than the one worked in."),
    flag("LIVE_CITY_NOT_WORK_CITY", "Whether living in another city than the one worked in."),
    category("ORGANIZATION_TYPE", "Kind of organisation the applicant works for; XNA for none.", words.ORGANIZATIONS),
    share("EXT_SOURCE_1", "First score bought from outside, higher is better."),
    share("EXT_SOURCE_2", "Second score bought from outside, higher is better."),
    share("EXT_SOURCE_3", "Third score bought from outside, higher is better."),
)

_CIRCLE_AND_DOCUMENTS = (
    *(
        float_count(
            f"{kind}_{days}_CNT_SOCIAL_CIRCLE",
            f"People around the applicant {meaning} with {days} days past due.",
            maximum=1_000,
            unit="people",
        )
        for days in (30, 60)
        for kind, meaning in (("OBS", "whose loans could be observed"), ("DEF", "who defaulted on a loan"))
    ),
    float_day("DAYS_LAST_PHONE_CHANGE", "Day on which the phone was last changed.", minimum=-20_000),
    *(flag(f"FLAG_DOCUMENT_{number}", f"Whether document {number} was handed in.") for number in range(2, 22)),
    *(
        float_count(
            f"AMT_REQ_CREDIT_BUREAU_{code}",
            f"Enquiries about the applicant at the credit bureau in the {window} before the application.",
            maximum=1_000,
            unit="enquiries",
        )
        for code, window in (
            ("HOUR", "hour"),
            ("DAY", "day (less that hour)"),
            ("WEEK", "week (less that day)"),
            ("MON", "month (less that week)"),
            ("QRT", "quarter (less that month)"),
            ("YEAR", "year (less that quarter)"),
        )
    ),
)

APPLICATION_COLUMNS = (*_LOAN_AND_PERSON, *_PLACE_AND_TIME, *HOUSING_COLUMNS, *_CIRCLE_AND_DOCUMENTS)
"""Everything an application says, in the files' order: both files less key and outcome."""

APPLICATION_TRAIN = SourceTable(
    name="application_train",
    file_name="application_train.csv",
    described_in=DESCRIPTION,
    description="Applications whose outcome is known: one row per applicant, to learn from.",
    columns=usual("application_train", (KEY, TARGET, *APPLICATION_COLUMNS)),
    primary_key=("SK_ID_CURR",),
    sort_by=("SK_ID_CURR",),
)
APPLICATION_TEST = SourceTable(
    name="application_test",
    file_name="application_test.csv",
    described_in=DESCRIPTION,
    description="Applications whose outcome is not known yet: one row per applicant, to score.",
    columns=usual("application_test", (KEY, *APPLICATION_COLUMNS)),
    primary_key=("SK_ID_CURR",),
    sort_by=("SK_ID_CURR",),
)
