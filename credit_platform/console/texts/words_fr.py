"""Fields, values, units and reason families of the portfolios, in French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from credit_platform.console.texts import home_credit_fr

FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "german_credit": {
        "checking_account": "Compte courant",
        "duration_months": "Durée du prêt",
        "credit_history": "Remboursements passés",
        "purpose": "Objet du prêt",
        "amount": "Montant",
        "savings": "Épargne",
        "employment_since": "Ancienneté dans l'emploi",
        "instalment_rate": "Poids de la mensualité",
        "other_debtors": "Co-emprunteur ou garant",
        "residence_since": "Ancienneté à l'adresse",
        "property": "Bien principal",
        "age_years": "Âge",
        "other_instalment_plans": "Mensualités dues ailleurs",
        "housing": "Logement",
        "existing_credits": "Crédits dans cette banque",
        "job": "Emploi",
        "dependants": "Personnes à charge",
        "telephone": "Ligne téléphonique",
    },
    "home_credit": home_credit_fr.FIELDS,
}

VALUES: Final[Mapping[str, Mapping[str, Mapping[str | int, str]]]] = {
    "german_credit": {
        "checking_account": {
            "overdrawn": "à découvert",
            "0 to 200 DM": "de 0 à 200 DM",
            "200 DM or more": "200 DM ou plus",
            "no account": "aucun compte dans cette banque",
        },
        "credit_history": {
            "no credits or all repaid": "aucun crédit, ou tous remboursés",
            "all credits here repaid": "tous les crédits de cette banque remboursés",
            "existing credits repaid till now": "crédits en cours, remboursés comme convenu",
            "past delays": "retards dans le passé",
            "critical account or credits elsewhere": "compte critique, ou crédits dans d'autres banques",
        },
        "purpose": {
            "new car": "voiture neuve",
            "used car": "voiture d'occasion",
            "furniture or equipment": "meubles ou équipement",
            "radio or television": "radio ou télévision",
            "domestic appliances": "électroménager",
            "repairs": "réparations",
            "education": "études",
            "vacation": "vacances",
            "retraining": "reconversion",
            "business": "activité professionnelle",
            "other": "autre",
        },
        "savings": {
            "below 100 DM": "moins de 100 DM",
            "100 to 500 DM": "de 100 à 500 DM",
            "500 to 1000 DM": "de 500 à 1 000 DM",
            "1000 DM or more": "1 000 DM ou plus",
            "unknown or none": "aucune, ou inconnue",
        },
        "employment_since": {
            "unemployed": "sans emploi",
            "below 1 year": "moins d'un an",
            "1 to 4 years": "de 1 à 4 ans",
            "4 to 7 years": "de 4 à 7 ans",
            "7 years or more": "7 ans ou plus",
        },
        "other_debtors": {"none": "aucun", "co-applicant": "un co-emprunteur", "guarantor": "un garant"},
        "property": {
            "real estate": "immobilier",
            "building savings or life insurance": "épargne logement ou assurance vie",
            "car or other": "voiture ou autre bien",
            "unknown or none": "aucun, ou inconnu",
        },
        "other_instalment_plans": {"bank": "à une autre banque", "stores": "à des magasins", "none": "aucune"},
        "housing": {"rent": "locataire", "own": "propriétaire", "for free": "logé gratuitement"},
        "job": {
            "unemployed or unskilled non-resident": "sans emploi, ou non qualifié et non résident",
            "unskilled resident": "non qualifié, résident",
            "skilled": "qualifié",
            "highly skilled or self-employed": "très qualifié ou indépendant",
        },
        "telephone": {"none": "aucune", "registered": "au nom du demandeur"},
    },
    "home_credit": home_credit_fr.VALUES,
}

UNITS: Final[Mapping[str, str]] = {
    "children": "enfants",
    "class 1 to 4": "classe 1–4",
    "class 1 to 2": "classe 1–2",
    "currency units": "unités monétaires",
    "days": "jours",
    "DM per month": "DM par mois",
    "enquiries": "consultations",
    "hour": "heure",
    "months": "mois",
    "people": "personnes",
    "years": "ans",
}

FAMILIES: Final[Mapping[str, str]] = {
    "affordability": "Capacité de remboursement",
    "age": "Âge",
    "application_moment": "Moment de la demande",
    "assets": "Logement et biens",
    "bureau_activity": "Crédits récents ailleurs",
    "bureau_debt": "Dettes ailleurs",
    "bureau_delays": "Retards ailleurs",
    "bureau_history": "Historique de crédit ailleurs",
    "card_repayment": "Remboursement de la carte",
    "card_use": "Utilisation de la carte",
    "checking_account": "Compte courant",
    "contact_details": "Coordonnées",
    "credit_history": "Remboursements passés",
    "education": "Études",
    "employment": "Emploi",
    "enquiries": "Consultations par des prêteurs",
    "external_scores": "Scores externes",
    "guarantees": "Garanties",
    "household": "Foyer",
    "housing": "Logement",
    "income": "Revenus",
    "instalment_delays": "Mensualités en retard",
    "instalment_shortfall": "Mensualités incomplètes",
    "loan_amount": "Montant du prêt",
    "loan_duration": "Durée du prêt",
    "loan_terms": "Conditions du prêt",
    "other_debts": "Autres dettes",
    "previous_activity": "Demandes passées ici",
    "previous_loans": "Prêts passés ici",
    "previous_refusals": "Refus passés ici",
    "purpose": "Objet du prêt",
    "region": "Région",
    "repayment_burden": "Poids de la mensualité",
    "savings": "Épargne",
    "social_circle": "Entourage",
    "stability": "Adresse et coordonnées",
}

CANDIDATES: Final[Mapping[str, str]] = {
    "gradient_boosting": "gradient boosting (scikit-learn)",
    "lightgbm": "LightGBM",
    "linear_svm": "SVM linéaire",
    "logistic_regression": "régression logistique",
    "mlp": "réseau de neurones (MLP)",
    "random_forest": "forêt aléatoire",
    "scorecard": "grille de score (WoE)",
    "stacked": "ensemble empilé",
    "xgboost": "XGBoost",
}
