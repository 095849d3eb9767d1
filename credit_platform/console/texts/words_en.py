"""Fields, values, units and reason families of the portfolios, in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from credit_platform.console.texts import home_credit_en

FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "german_credit": {
        "checking_account": "Current account",
        "duration_months": "Length of the loan",
        "credit_history": "Repayment so far",
        "purpose": "Purpose of the loan",
        "amount": "Amount",
        "savings": "Savings",
        "employment_since": "Time in the present job",
        "instalment_rate": "Weight of the instalment",
        "other_debtors": "Others who answer for it",
        "residence_since": "Time at the address",
        "property": "Most valuable property",
        "age_years": "Age",
        "other_instalment_plans": "Instalments to others",
        "housing": "Housing",
        "existing_credits": "Credits with this bank",
        "job": "Work",
        "dependants": "People to maintain",
        "telephone": "Telephone line",
    },
    "home_credit": home_credit_en.FIELDS,
}

VALUES: Final[Mapping[str, Mapping[str, Mapping[str | int, str]]]] = {
    "german_credit": {
        "checking_account": {
            "overdrawn": "overdrawn",
            "0 to 200 DM": "0 to 200 DM",
            "200 DM or more": "200 DM or more",
            "no account": "no account here",
        },
        "credit_history": {
            "no credits or all repaid": "no credit yet, or all repaid",
            "all credits here repaid": "all credits here repaid",
            "existing credits repaid till now": "present credits repaid so far",
            "past delays": "delays in the past",
            "critical account or credits elsewhere": "critical account, or credits elsewhere",
        },
        "purpose": {
            "new car": "new car",
            "used car": "used car",
            "furniture or equipment": "furniture or equipment",
            "radio or television": "radio or television",
            "domestic appliances": "domestic appliances",
            "repairs": "repairs",
            "education": "education",
            "vacation": "holiday",
            "retraining": "retraining",
            "business": "business",
            "other": "something else",
        },
        "savings": {
            "below 100 DM": "below 100 DM",
            "100 to 500 DM": "100 to 500 DM",
            "500 to 1000 DM": "500 to 1,000 DM",
            "1000 DM or more": "1,000 DM or more",
            "unknown or none": "none, or unknown",
        },
        "employment_since": {
            "unemployed": "without work",
            "below 1 year": "below 1 year",
            "1 to 4 years": "1 to 4 years",
            "4 to 7 years": "4 to 7 years",
            "7 years or more": "7 years or more",
        },
        "other_debtors": {"none": "nobody", "co-applicant": "a co-applicant", "guarantor": "a guarantor"},
        "property": {
            "real estate": "real estate",
            "building savings or life insurance": "building savings or life insurance",
            "car or other": "a car, or something else",
            "unknown or none": "none, or unknown",
        },
        "other_instalment_plans": {"bank": "to a bank", "stores": "to shops", "none": "none"},
        "housing": {"rent": "rents", "own": "owns", "for free": "lives free of charge"},
        "job": {
            "unemployed or unskilled non-resident": "without work, or unskilled and not resident",
            "unskilled resident": "unskilled, resident",
            "skilled": "skilled",
            "highly skilled or self-employed": "highly skilled or self-employed",
        },
        "telephone": {"none": "none", "registered": "in the applicant's name"},
    },
    "home_credit": home_credit_en.VALUES,
}

UNITS: Final[Mapping[str, str]] = {
    "class 1 to 4": "class 1–4",
    "class 1 to 2": "class 1–2",
}

FAMILIES: Final[Mapping[str, str]] = {
    "affordability": "What can be afforded",
    "age": "Age",
    "application_moment": "Moment of the application",
    "assets": "Home and property",
    "bureau_activity": "Recent credits elsewhere",
    "bureau_debt": "Debts elsewhere",
    "bureau_delays": "Delays elsewhere",
    "bureau_history": "Credit history elsewhere",
    "card_repayment": "Repayment of the card",
    "card_use": "Use of the card",
    "checking_account": "Current account",
    "contact_details": "Contact details",
    "credit_history": "Repayment so far",
    "education": "Education",
    "employment": "Work",
    "enquiries": "Enquiries by lenders",
    "external_scores": "External scores",
    "guarantees": "Guarantees",
    "household": "Household",
    "housing": "Housing",
    "income": "Income",
    "instalment_delays": "Late instalments",
    "instalment_shortfall": "Instalments paid in part",
    "loan_amount": "Amount of the loan",
    "loan_duration": "Length of the loan",
    "loan_terms": "Terms of the loan",
    "other_debts": "Other debts",
    "previous_activity": "Earlier applications here",
    "previous_loans": "Earlier loans here",
    "previous_refusals": "Earlier refusals here",
    "purpose": "Purpose of the loan",
    "region": "Region",
    "repayment_burden": "Weight of the instalment",
    "savings": "Savings",
    "social_circle": "Social circle",
    "stability": "Address and contact",
}

CANDIDATES: Final[Mapping[str, str]] = {
    "gradient_boosting": "gradient boosting (scikit-learn)",
    "lightgbm": "LightGBM",
    "linear_svm": "linear SVM",
    "logistic_regression": "logistic regression",
    "mlp": "neural network (MLP)",
    "random_forest": "random forest",
    "scorecard": "WoE scorecard",
    "stacked": "stacked ensemble",
    "xgboost": "XGBoost",
}
