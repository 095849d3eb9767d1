"""What is said of the current account, of savings and of past credits."""

from __future__ import annotations

from credit_platform.portfolios.german_credit.reasons.declare import on
from credit_platform.portfolios.reason_families import known_of, missing, says

ACCOUNT = known_of(
    "checking_account",
    "de votre compte courant",
    "your current account",
    *missing(
        "Vous n'avez pas de compte courant chez nous.",
        "You have no current account with us.",
        on("checking_account", "==", "no account"),
    ),
    *missing(
        "Nous n'avons pas d'indication sur votre compte courant.",
        "We were told nothing about your current account.",
        on("checking_account", "unknown"),
    ),
    says(
        "adverse",
        "Votre compte courant chez nous est à découvert.",
        "Your current account with us is overdrawn.",
        on("checking_account", "==", "overdrawn"),
    ),
    says(
        "adverse",
        "Le solde de votre compte courant chez nous laisse peu de marge pour une mensualité de plus.",
        "The balance of your current account with us leaves little room for one more monthly payment.",
        on("checking_account", "==", "0 to 200 DM"),
    ),
    says(
        "favourable",
        "Le solde de votre compte courant chez nous, ou le salaire qui y est versé, parle en votre faveur.",
        "The balance of your current account with us, or the salary paid into it, speaks in your favour.",
        on("checking_account", "==", "200 DM or more"),
    ),
    says(
        "favourable",
        "Votre compte courant chez nous n'est pas à découvert.",
        "Your current account with us is not overdrawn.",
        on("checking_account", "==", "0 to 200 DM"),
    ),
)

SAVINGS = known_of(
    "savings",
    "de votre épargne et de votre compte",
    "your savings and your account",
    *missing(
        "Nous ne connaissons aucune épargne à votre nom.",
        "We know of no savings in your name.",
        on("savings", "==", "unknown or none"),
    ),
    *missing(
        "Nous n'avons pas d'indication sur votre épargne.",
        "We were told nothing about your savings.",
        on("savings", "unknown"),
    ),
    says(
        "adverse",
        "L'épargne que nous vous connaissons aiderait peu à passer un mois difficile.",
        "The savings that we know you have would help little through a difficult month.",
        on("savings", "==", "below 100 DM"),
    ),
    says(
        "adverse",
        "L'épargne que nous vous connaissons est modeste.",
        "The savings that we know you have are modest.",
        on("savings", "==", "100 to 500 DM"),
    ),
    says(
        "favourable",
        "L'épargne que nous vous connaissons parle en votre faveur.",
        "The savings that we know you have speak in your favour.",
        on("savings", "in", ("500 to 1000 DM", "1000 DM or more")),
    ),
)

HISTORY = known_of(
    "credit_history",
    "de vos crédits passés",
    "your past credits",
    *missing(
        "Nous n'avons pas d'indication sur vos crédits passés.",
        "We were told nothing about your past credits.",
        on("credit_history", "unknown"),
    ),
    says(
        "favourable",
        "Vous avez remboursé tous vos crédits chez nous.",
        "You have repaid all your credits with us.",
        on("credit_history", "==", "all credits here repaid"),
    ),
    *missing(
        "Vous n'avez chez nous aucun crédit en cours dont nous pourrions suivre le remboursement.",
        "You have no credit under way with us whose repayment we could follow.",
        on("credit_history", "in", ("no credits or all repaid", "all credits here repaid")),
    ),
    says(
        "adverse",
        "Vos crédits sont remboursés comme prévu jusqu'ici, mais ils sont encore en cours.",
        "Your credits are repaid as agreed so far, but they are still under way.",
        on("credit_history", "==", "existing credits repaid till now"),
    ),
    says(
        "favourable",
        "Vous remboursez vos crédits comme prévu jusqu'ici.",
        "You have repaid your credits as agreed so far.",
        on("credit_history", "==", "existing credits repaid till now"),
    ),
    says(
        "adverse",
        "Des retards ont marqué le remboursement de vos crédits passés.",
        "There were delays in the repayment of your past credits.",
        on("credit_history", "==", "past delays"),
    ),
    says(
        "adverse",
        "Un compte signalé comme critique, ou des crédits dans d'autres banques, figure dans votre dossier.",
        "An account marked as critical, or credits at other banks, are in your record.",
        on("credit_history", "==", "critical account or credits elsewhere"),
    ),
    says(
        "favourable",
        "Votre dossier montre comment vous gérez vos crédits, chez nous ou ailleurs.",
        "Your record shows how you deal with credit, with us or elsewhere.",
        on("credit_history", "==", "critical account or credits elsewhere"),
    ),
)
