"""What each family of reasons is about, in the words of its sentences.

What is here: the name of each family's subject in both languages. A sentence that names that of another family is
no reason of its own, however true it is.
What to add here: the subject of a new family.
What must not be here: anything imported from `reasons/`: the two must be able to disagree.
"""

from __future__ import annotations

from collections.abc import Mapping

SUBJECTS: Mapping[str, tuple[str, str]] = {
    "external_scores": (
        "the assessments of you by outside agencies",
        "des évaluations de votre dossier par des organismes extérieurs",
    ),
    "income": ("The income you state", "Le revenu que vous déclarez"),
    "affordability": (
        "The weight of the instalments in your budget",
        "Ce que pèseraient les mensualités dans votre budget",
    ),
    "loan_amount": ("The amount you ask for", "Le montant que vous demandez"),
    "loan_terms": (
        "The form of your loan (length, fees, share of the price financed)",
        "La forme de votre prêt (durée, frais, part du prix financée)",
    ),
    "employment": ("your work", "de votre travail"),
    "education": ("Your level of education", "Votre niveau d'études"),
    "age": ("Your age", "Votre âge"),
    "household": ("The size of your household", "La taille de votre foyer"),
    "assets": ("what you own", "de vos biens"),
    "housing": ("your housing and the building", "de votre logement et du bâtiment"),
    "region": (
        "What your addresses at home, at registration and at work tell us",
        "Ce que vos adresses de domicile, d'enregistrement et de travail nous disent",
    ),
    "contact_details": ("your papers and contact details", "de vos papiers et de vos coordonnées"),
    "social_circle": ("how people around you repay their loans", "des remboursements de personnes de votre entourage"),
    "enquiries": ("lenders who asked about you", "des prêteurs qui se sont renseignés sur vous"),
    "application_moment": ("The moment of your application", "Le moment de votre demande"),
    "bureau_debt": ("your debts elsewhere", "de vos dettes ailleurs"),
    "bureau_delays": ("your punctuality elsewhere", "de votre ponctualité ailleurs"),
    "bureau_history": ("your past credits elsewhere", "de vos crédits passés ailleurs"),
    "bureau_activity": ("your new credits elsewhere", "de vos nouveaux crédits ailleurs"),
    "previous_refusals": ("the outcome of your applications with us", "de l'issue de vos demandes chez nous"),
    "previous_activity": ("your recent applications and loans with us", "de vos demandes et prêts récents chez nous"),
    "previous_loans": ("your earlier loans with us", "de vos prêts antérieurs chez nous"),
    "instalment_delays": ("your punctuality on loans with us", "de votre ponctualité sur vos prêts chez nous"),
    "instalment_shortfall": ("the amounts you paid us", "des sommes que vous avez versées chez nous"),
    "card_use": ("your use of a card with us", "de l'usage de votre carte chez nous"),
    "card_repayment": ("the repayment of your card with us", "du remboursement de votre carte chez nous"),
}
"""By code: in English and French."""
