"""What is said of work, home, possessions, other debts and contact details."""

from __future__ import annotations

from credit_platform.portfolios.german_credit.reasons.declare import on
from credit_platform.portfolios.reason_families import known_of, missing, says

EMPLOYMENT = known_of(
    "employment",
    "de votre situation professionnelle",
    "your work situation",
    says(
        "adverse",
        "Vous n'avez pas d'emploi actuellement.",
        "You have no employment at present.",
        on("employment_since", "==", "unemployed"),
    ),
    says(
        "adverse",
        "Vous occupez votre emploi depuis moins d'un an.",
        "You have held your present job for less than a year.",
        on("employment_since", "==", "below 1 year"),
    ),
    says(
        "adverse",
        "Vous occupez votre emploi depuis peu d'années.",
        "You have held your present job for only a few years.",
        on("employment_since", "==", "1 to 4 years"),
    ),
    says(
        "favourable",
        "Vous occupez votre emploi depuis plusieurs années.",
        "You have held your present job for several years.",
        on("employment_since", "in", ("4 to 7 years", "7 years or more")),
    ),
    *missing(
        "Nous n'avons pas d'indication sur votre emploi.",
        "We were told nothing about your work.",
        on("employment_since", "unknown"),
    ),
)

ASSETS = known_of(
    "assets",
    "de votre logement et de vos biens",
    "your home and what you own",
    *missing(
        "Nous n'avons pas d'indication sur votre logement ni sur vos biens.",
        "We were told nothing about your home or what you own.",
        on("housing", "unknown"),
        on("property", "unknown"),
    ),
    *missing(
        "Nous ne connaissons à votre nom ni logement, ni assurance vie, ni voiture, ni autre bien.",
        "We know of no home, life insurance, car or other property in your name.",
        on("housing", "in", ("rent", "for free")),
        on("property", "==", "unknown or none"),
    ),
    says(
        "adverse",
        "Vous êtes locataire de votre logement.",
        "You rent your home.",
        on("housing", "==", "rent"),
    ),
    says(
        "adverse",
        "Vous êtes logé gratuitement dans un logement qui n'est pas à vous.",
        "You live free of charge in a home that is not your own.",
        on("housing", "==", "for free"),
    ),
    says(
        "adverse",
        "Parmi vos biens, nous ne connaissons pas de bien immobilier autre que votre logement.",
        "Among what you own we know of no real estate besides your home.",
        on("housing", "==", "own"),
        on("property", "in", ("building savings or life insurance", "car or other", "unknown or none")),
    ),
    says(
        "favourable",
        "Vous possédez un bien immobilier.",
        "You own real estate.",
        on("property", "==", "real estate"),
    ),
    says(
        "favourable",
        "Vous êtes propriétaire de votre logement.",
        "You own your home.",
        on("housing", "==", "own"),
    ),
    says(
        "favourable",
        "Vous avez une épargne logement ou une assurance vie.",
        "You have building savings or a life insurance.",
        on("property", "==", "building savings or life insurance"),
    ),
    says(
        "favourable",
        "Vous possédez une voiture ou un autre bien.",
        "You own a car or other property.",
        on("property", "==", "car or other"),
    ),
)

DEBTS = known_of(
    "other_debts",
    "de vos autres crédits et échéances",
    "your other credits and instalments",
    says(
        "adverse",
        "Vous payez déjà des échéances à une autre banque ou à des magasins.",
        "You already pay instalments to another bank or to stores.",
        on("other_instalment_plans", "in", ("bank", "stores")),
    ),
    says(
        "adverse",
        "Vous avez, ou avez eu, d'autres crédits chez nous.",
        "You have, or had, other credits with us.",
        on("existing_credits", ">", 1),
    ),
    says(
        "favourable",
        "Vous ne payez d'échéances ni à une autre banque ni à des magasins.",
        "You pay no instalments to another bank or to stores.",
        on("other_instalment_plans", "==", "none"),
    ),
    *missing(
        "Nous n'avons pas d'indication sur vos autres crédits et échéances.",
        "We were told nothing about your other credits and instalments.",
        on("other_instalment_plans", "unknown"),
        on("existing_credits", "unknown"),
    ),
)

STABILITY = known_of(
    "stability",
    "de votre adresse, de votre emploi et de vos coordonnées",
    "your address, your work and your contact details",
    says(
        "adverse",
        "Vous habitez depuis peu de temps à votre adresse.",
        "You have lived at your present address for a short time.",
        on("residence_since", "==", 1),
    ),
    says(
        "adverse",
        "Aucune ligne téléphonique n'est enregistrée à votre nom.",
        "No telephone line is registered in your name.",
        on("telephone", "==", "none"),
    ),
    says(
        "favourable",
        "Vous habitez depuis longtemps à votre adresse.",
        "You have lived at your present address for a long time.",
        on("residence_since", "==", 4),
    ),
    says(
        "favourable",
        "Une ligne téléphonique est enregistrée à votre nom.",
        "A telephone line is registered in your name.",
        on("telephone", "==", "registered"),
    ),
)
