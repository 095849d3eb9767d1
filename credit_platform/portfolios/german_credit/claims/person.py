"""What sentences about the person claim."""

from __future__ import annotations

import polars as pl

from credit_platform.portfolios.german_credit.claims.declare import claim, not_given, only

_MOST_CLASS = 4

ACCOUNT = (
    claim(
        "You have no current account with us.",
        "Vous n'avez pas de compte courant chez nous.",
        only("checking_account", "no account"),
    ),
    claim(
        "We were told nothing about your current account.",
        "Nous n'avons pas d'indication sur votre compte courant.",
        not_given("checking_account"),
    ),
    claim(
        "Your current account with us is overdrawn.",
        "Votre compte courant chez nous est à découvert.",
        only("checking_account", "overdrawn"),
        speaks="against",
    ),
    claim(
        "The balance of your current account with us leaves little room for one more monthly payment.",
        "Le solde de votre compte courant chez nous laisse peu de marge pour une mensualité de plus.",
        only("checking_account", "0 to 200 DM", "overdrawn"),
        speaks="against",
    ),
    claim(
        "The balance of your current account with us, or the salary paid into it, speaks in your favour.",
        "Le solde de votre compte courant chez nous, ou le salaire qui y est versé, parle en votre faveur.",
        only("checking_account", "200 DM or more"),
        speaks="for",
    ),
    claim(
        "Your current account with us is not overdrawn.",
        "Votre compte courant chez nous n'est pas à découvert.",
        only("checking_account", "0 to 200 DM", "200 DM or more"),
        speaks="for",
    ),
)

SAVINGS = (
    claim(
        "We know of no savings in your name.",
        "Nous ne connaissons aucune épargne à votre nom.",
        only("savings", "unknown or none"),
    ),
    claim(
        "We were told nothing about your savings.",
        "Nous n'avons pas d'indication sur votre épargne.",
        not_given("savings"),
    ),
    claim(
        "The savings that we know you have would help little through a difficult month.",
        "L'épargne que nous vous connaissons aiderait peu à passer un mois difficile.",
        only("savings", "below 100 DM"),
        speaks="against",
    ),
    claim(
        "The savings that we know you have are modest.",
        "L'épargne que nous vous connaissons est modeste.",
        only("savings", "100 to 500 DM", "below 100 DM"),
        speaks="against",
    ),
    claim(
        "The savings that we know you have speak in your favour.",
        "L'épargne que nous vous connaissons parle en votre faveur.",
        only("savings", "500 to 1000 DM", "1000 DM or more"),
        speaks="for",
    ),
)

HISTORY = (
    claim(
        "We were told nothing about your past credits.",
        "Nous n'avons pas d'indication sur vos crédits passés.",
        not_given("credit_history"),
    ),
    claim(
        "You have repaid all your credits with us.",
        "Vous avez remboursé tous vos crédits chez nous.",
        only("credit_history", "all credits here repaid"),
        speaks="for",
    ),
    claim(
        "You have no credit under way with us whose repayment we could follow.",
        "Vous n'avez chez nous aucun crédit en cours dont nous pourrions suivre le remboursement.",
        only("credit_history", "no credits or all repaid", "all credits here repaid"),
    ),
    claim(
        "Your credits are repaid as agreed so far, but they are still under way.",
        "Vos crédits sont remboursés comme prévu jusqu'ici, mais ils sont encore en cours.",
        only("credit_history", "existing credits repaid till now"),
        speaks="against",
    ),
    claim(
        "You have repaid your credits as agreed so far.",
        "Vous remboursez vos crédits comme prévu jusqu'ici.",
        only("credit_history", "existing credits repaid till now"),
        speaks="for",
    ),
    claim(
        "There were delays in the repayment of your past credits.",
        "Des retards ont marqué le remboursement de vos crédits passés.",
        only("credit_history", "past delays"),
        speaks="against",
    ),
    claim(
        "An account marked as critical, or credits at other banks, are in your record.",
        "Un compte signalé comme critique, ou des crédits dans d'autres banques, figure dans votre dossier.",
        only("credit_history", "critical account or credits elsewhere"),
        speaks="against",
    ),
    claim(
        "Your record shows how you deal with credit, with us or elsewhere.",
        "Votre dossier montre comment vous gérez vos crédits, chez nous ou ailleurs.",
        only(
            "credit_history", "critical account or credits elsewhere", "past delays", "existing credits repaid till now"
        ),
        speaks="for",
    ),
)

WORK = (
    claim(
        "You have no employment at present.",
        "Vous n'avez pas d'emploi actuellement.",
        only("employment_since", "unemployed"),
        speaks="against",
    ),
    claim(
        "You have held your present job for less than a year.",
        "Vous occupez votre emploi depuis moins d'un an.",
        only("employment_since", "below 1 year"),
        speaks="against",
    ),
    claim(
        "You have held your present job for only a few years.",
        "Vous occupez votre emploi depuis peu d'années.",
        only("employment_since", "1 to 4 years"),
        speaks="against",
    ),
    claim(
        "You have held your present job for several years.",
        "Vous occupez votre emploi depuis plusieurs années.",
        only("employment_since", "4 to 7 years", "7 years or more"),
        speaks="for",
    ),
    claim(
        "We were told nothing about your work.",
        "Nous n'avons pas d'indication sur votre emploi.",
        not_given("employment_since"),
    ),
)

_NO_PROPERTY = ("building savings or life insurance", "car or other", "unknown or none")

ASSETS = (
    claim(
        "We were told nothing about your home or what you own.",
        "Nous n'avons pas d'indication sur votre logement ni sur vos biens.",
        not_given("housing", "property"),
    ),
    claim(
        "We know of no home, life insurance, car or other property in your name.",
        "Nous ne connaissons à votre nom ni logement, ni assurance vie, ni voiture, ni autre bien.",
        (
            (pl.col("property") != "unknown or none") | (pl.col("housing") == "own"),
            "property is not unknown or none, or housing is own",
        ),
    ),
    claim("You rent your home.", "Vous êtes locataire de votre logement.", only("housing", "rent"), speaks="against"),
    claim(
        "You live free of charge in a home that is not your own.",
        "Vous êtes logé gratuitement dans un logement qui n'est pas à vous.",
        only("housing", "for free"),
        speaks="against",
    ),
    claim(
        "Among what you own we know of no real estate besides your home.",
        "Parmi vos biens, nous ne connaissons pas de bien immobilier autre que votre logement.",
        (
            (pl.col("housing") != "own") | ~pl.col("property").is_in(_NO_PROPERTY),
            "housing is not own, or property is real estate",
        ),
        speaks="against",
    ),
    claim("You own real estate.", "Vous possédez un bien immobilier.", only("property", "real estate"), speaks="for"),
    claim("You own your home.", "Vous êtes propriétaire de votre logement.", only("housing", "own"), speaks="for"),
    claim(
        "You have building savings or a life insurance.",
        "Vous avez une épargne logement ou une assurance vie.",
        only("property", "building savings or life insurance"),
        speaks="for",
    ),
    claim(
        "You own a car or other property.",
        "Vous possédez une voiture ou un autre bien.",
        only("property", "car or other"),
        speaks="for",
    ),
)

OTHERS = (
    claim(
        "You already pay instalments to another bank or to stores.",
        "Vous payez déjà des échéances à une autre banque ou à des magasins.",
        only("other_instalment_plans", "bank", "stores"),
        speaks="against",
    ),
    claim(
        "You have, or had, other credits with us.",
        "Vous avez, ou avez eu, d'autres crédits chez nous.",
        (pl.col("existing_credits") <= 1, "existing_credits is class 1: this loan only"),
        speaks="against",
    ),
    claim(
        "You pay no instalments to another bank or to stores.",
        "Vous ne payez d'échéances ni à une autre banque ni à des magasins.",
        only("other_instalment_plans", "none"),
        speaks="for",
    ),
    claim(
        "We were told nothing about your other credits and instalments.",
        "Nous n'avons pas d'indication sur vos autres crédits et échéances.",
        not_given("other_instalment_plans", "existing_credits"),
    ),
    claim(
        "Nobody besides you answers for this loan.",
        "Personne d'autre que vous ne répond de ce prêt.",
        only("other_debtors", "none"),
    ),
    claim(
        "We were told nothing of a guarantor for your loan.",
        "Nous n'avons pas d'indication d'un garant pour votre prêt.",
        not_given("other_debtors"),
    ),
    claim(
        "A guarantor answers for your loan.",
        "Un garant répond de votre prêt.",
        only("other_debtors", "guarantor"),
        speaks="for",
    ),
    claim(
        "Somebody else applies for this loan with you.",
        "Une autre personne demande ce prêt avec vous.",
        only("other_debtors", "co-applicant"),
        speaks="for",
    ),
    claim(
        "You have lived at your present address for a short time.",
        "Vous habitez depuis peu de temps à votre adresse.",
        (pl.col("residence_since") != 1, "residence_since is not class 1"),
        speaks="against",
    ),
    claim(
        "No telephone line is registered in your name.",
        "Aucune ligne téléphonique n'est enregistrée à votre nom.",
        only("telephone", "none"),
        speaks="against",
    ),
    claim(
        "You have lived at your present address for a long time.",
        "Vous habitez depuis longtemps à votre adresse.",
        (pl.col("residence_since") != _MOST_CLASS, f"residence_since is not class {_MOST_CLASS}"),
        speaks="for",
    ),
    claim(
        "A telephone line is registered in your name.",
        "Une ligne téléphonique est enregistrée à votre nom.",
        only("telephone", "registered"),
        speaks="for",
    ),
)
