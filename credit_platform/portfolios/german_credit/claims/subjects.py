"""What each family of reasons is about, in the words of its sentences.

What is here: the name of each family's subject in both languages. A sentence that names that of another family is
no reason of its own, however true it is.
What to add here: the subject of a new family.
What must not be here: anything imported from `reasons/`: the two must be able to disagree.
"""

from __future__ import annotations

from collections.abc import Mapping

SUBJECTS: Mapping[str, tuple[str, str]] = {
    "checking_account": ("your current account", "de votre compte courant"),
    "savings": ("your savings and your account", "de votre épargne et de votre compte"),
    "credit_history": ("your past credits", "de vos crédits passés"),
    "loan_amount": ("The amount you ask for", "Le montant que vous demandez"),
    "loan_duration": ("The length of the loan you ask for", "La durée du prêt que vous demandez"),
    "repayment_burden": (
        "The weight of the monthly instalment in your budget",
        "Ce que pèserait la mensualité dans votre budget",
    ),
    "purpose": ("What you want the loan for", "Votre projet"),
    "employment": ("your work situation", "de votre situation professionnelle"),
    "assets": ("your home and what you own", "de votre logement et de vos biens"),
    "other_debts": ("your other credits and instalments", "de vos autres crédits et échéances"),
    "guarantees": ("the guarantees for your loan", "des garanties de votre prêt"),
    "stability": (
        "your address, your work and your contact details",
        "de votre adresse, de votre emploi et de vos coordonnées",
    ),
}
"""By code: in English and French."""
