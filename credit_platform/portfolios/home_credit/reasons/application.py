"""What is said of the application: scores, income, the loan, work, home, contact details, enquiries."""

from __future__ import annotations

from credit_platform.portfolios.home_credit.reasons.declare import on, unknown
from credit_platform.portfolios.reason import Condition, Operator, Value
from credit_platform.portfolios.reason_families import known_of, missing, says, stated

_CAUTIOUS = 0.5
"""External scores are in 0..1, the higher, the safer."""
_LARGE_PART = 0.2
"""An instalment above a fifth of the income is above the median of the applications."""
_RECENT, _SEVERAL = 2, 5
"""Years."""
_CHANGED = 1


def _app(feature: str, operator: Operator, value: Value = None) -> Condition:
    return on(f"application__{feature}", operator, value)


EXTERNAL_SCORES = known_of(
    "external_scores",
    "des évaluations de votre dossier par des organismes extérieurs",
    "the assessments of you by outside agencies",
    *missing(
        "Aucun organisme extérieur ne nous a donné d'évaluation de votre dossier.",
        "No outside agency gave us an assessment of you.",
        _app("external_score__all__known", "<=", 0),
    ),
    says(
        "adverse",
        "Ce que des organismes extérieurs nous disent de vous est prudent ; vous pouvez leur demander pourquoi.",
        "What outside agencies tell us about you is cautious; you can ask them why.",
        _app("external_score__all__mean", "<", _CAUTIOUS),
    ),
    says(
        "favourable",
        "Ce que des organismes extérieurs nous disent de vous parle en votre faveur.",
        "What outside agencies tell us about you speaks in your favour.",
        _app("external_score__all__mean", ">=", _CAUTIOUS),
    ),
)
INCOME = stated("income", "Le revenu que vous déclarez", "The income you state")
AFFORDABILITY = stated(
    "affordability",
    "Ce que pèseraient les mensualités dans votre budget",
    "The weight of the instalments in your budget",
    says(
        "adverse",
        "Les mensualités de ce prêt prendraient une grande part de votre revenu ; un montant plus petit aiderait.",
        "The instalments of this loan would take a large part of your income; a smaller amount would help.",
        _app("annuity__to_income__ratio", ">", _LARGE_PART),
    ),
    says(
        "favourable",
        "Les mensualités de ce prêt prendraient une part limitée de votre revenu.",
        "The instalments of this loan would take a limited part of your income.",
        _app("annuity__to_income__ratio", "<=", _LARGE_PART),
    ),
)
LOAN_AMOUNT = stated("loan_amount", "Le montant que vous demandez", "The amount you ask for")
LOAN_TERMS = stated(
    "loan_terms",
    "La forme de votre prêt (durée, frais, part du prix financée)",
    "The form of your loan (length, fees, share of the price financed)",
    says(
        "adverse",
        "Vous emprunteriez plus que le prix de ce que le prêt doit payer.",
        "You would borrow more than the price of what the loan pays for.",
        _app("credit__over_goods_price__difference", ">", 0),
    ),
    says(
        "favourable",
        "Vous n'emprunteriez pas plus que le prix de ce que le prêt doit payer.",
        "You would borrow no more than the price of what the loan pays for.",
        _app("credit__over_goods_price__difference", "<=", 0),
    ),
)
EMPLOYMENT = known_of(
    "employment",
    "de votre travail",
    "your work",
    *missing(
        "Nous ne connaissons pas d'emploi que vous occupiez actuellement.",
        "We know of no job that you hold at present.",
        _app("employment__years", "unknown"),
    ),
    says(
        "adverse",
        "Vous occupez votre emploi depuis peu de temps.",
        "You have held your present job for a short time.",
        _app("employment__years", "<", _RECENT),
    ),
    says(
        "favourable",
        "Vous occupez votre emploi depuis plusieurs années.",
        "You have held your present job for several years.",
        _app("employment__years", ">=", _SEVERAL),
    ),
)
EDUCATION = stated("education", "Votre niveau d'études", "Your level of education")
AGE = stated("age", "Votre âge", "Your age")
HOUSEHOLD = stated("household", "La taille de votre foyer", "The size of your household")
ASSETS = known_of(
    "assets",
    "de vos biens",
    "what you own",
    *missing(
        "Nous ne connaissons ni logement ni voiture qui vous appartienne.",
        "We know of no home and no car that you own.",
        _app("realty__flag", "==", 0),
        _app("car__flag", "==", 0),
    ),
    says(
        "adverse",
        "Nous ne connaissons pas de voiture qui vous appartienne.",
        "We know of no car that you own.",
        _app("car__flag", "==", 0),
    ),
    says(
        "adverse",
        "Nous ne connaissons pas de logement qui vous appartienne.",
        "We know of no home that you own.",
        _app("realty__flag", "==", 0),
    ),
    says(
        "favourable",
        "Vous possédez un logement ou un autre bien immobilier.",
        "You own a home or other real estate.",
        _app("realty__flag", "==", 1),
    ),
    says("favourable", "Vous possédez une voiture.", "You own a car.", _app("car__flag", "==", 1)),
)
HOUSING = known_of(
    "housing",
    "de votre logement et du bâtiment",
    "your housing and the building",
    *missing(
        "Nous ne savons rien de la taille ni de l'âge du bâtiment où vous habitez.",
        "We know nothing of the size or age of the building you live in.",
        _app("building__known__count", "<=", 0),
    ),
)
REGION = stated(
    "region",
    "Ce que vos adresses de domicile, d'enregistrement et de travail nous disent",
    "What your addresses at home, at registration and at work tell us",
    says(
        "adverse",
        "Vos adresses de domicile, d'enregistrement et de travail ne sont pas toutes au même endroit.",
        "Your addresses at home, at registration and at work are not all in the same place.",
        _app("address__mismatches__count", ">", 0),
    ),
    says(
        "favourable",
        "Vos adresses de domicile, d'enregistrement et de travail sont au même endroit.",
        "Your addresses at home, at registration and at work are in the same place.",
        _app("address__mismatches__count", "<=", 0),
    ),
)
CONTACT_DETAILS = known_of(
    "contact_details",
    "de vos papiers et de vos coordonnées",
    "your papers and contact details",
    says(
        "adverse",
        "Vous avez changé de numéro de téléphone il y a moins d'un an.",
        "You changed your telephone number less than a year ago.",
        _app("phone_change__years", "<", _CHANGED),
    ),
    says(
        "adverse",
        "Votre pièce d'identité a été changée il y a moins d'un an.",
        "Your identity document was changed less than a year ago.",
        _app("identity_document__years", "<", _CHANGED),
    ),
    says(
        "favourable",
        "Vous avez le même numéro de téléphone depuis plus d'un an.",
        "You have had the same telephone number for more than a year.",
        _app("phone_change__years", ">", _CHANGED),
    ),
)
SOCIAL_CIRCLE = known_of(
    "social_circle",
    "des remboursements de personnes de votre entourage",
    "how people around you repay their loans",
    *missing(
        "Nous ne savons rien des remboursements de personnes de votre entourage.",
        "We know nothing of how people around you repay their loans.",
        *unknown(
            "application__social_circle__observed_30__count",
            "application__social_circle__defaulted_30__count",
            "application__social_circle__observed_60__count",
            "application__social_circle__defaulted_60__count",
        ),
    ),
    says(
        "adverse",
        "Des retards de remboursement sont connus de personnes de votre entourage.",
        "Late repayments are known of people around you.",
        _app("social_circle__defaulted_30__count", ">", 0),
    ),
    says(
        "favourable",
        "Aucun retard de remboursement n'est connu de personnes de votre entourage.",
        "No late repayments are known of people around you.",
        _app("social_circle__defaulted_30__count", "<=", 0),
        _app("social_circle__defaulted_60__count", "<=", 0),
    ),
)
ENQUIRIES = known_of(
    "enquiries",
    "des prêteurs qui se sont renseignés sur vous",
    "lenders who asked about you",
    *missing(
        "Nous ne savons pas si des prêteurs se sont renseignés sur vous.",
        "We do not know whether lenders asked about you.",
        _app("enquiries__all__count", "unknown"),
    ),
    says(
        "adverse",
        "Des prêteurs se sont renseignés sur vous au cours de l'année passée.",
        "Lenders asked about you during the past year.",
        _app("enquiries__all__count", ">", 0),
    ),
    says(
        "favourable",
        "Aucun prêteur ne s'est renseigné sur vous au cours de l'année passée.",
        "No lender asked about you during the past year.",
        _app("enquiries__all__count", "<=", 0),
    ),
)
APPLICATION_MOMENT = stated("application_moment", "Le moment de votre demande", "The moment of your application")
