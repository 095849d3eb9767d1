"""What sentences about the application claim."""

from __future__ import annotations

import polars as pl

from credit_platform.portfolios.home_credit.claims.declare import claim
from credit_platform.portfolios.home_credit.claims.facts import DAYS_A_YEAR

_HALF, _FIFTH = 0.5, 0.2
_SHORT, _LONG = 2, 5
"""Years in a job."""
_SCORE_COLUMNS = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")
_MEAN_SCORE = pl.mean_horizontal(*_SCORE_COLUMNS)
_SCORES = pl.coalesce(*_SCORE_COLUMNS)
# The sentinel of people without a job is a day in the future.
_YEARS_IN_JOB = pl.when(pl.col("DAYS_EMPLOYED") <= 0).then(-pl.col("DAYS_EMPLOYED") / DAYS_A_YEAR)
_MISMATCHES = pl.sum_horizontal("^(REG|LIVE)_(REGION|CITY)_NOT_.*$")
_ENQUIRIES = pl.sum_horizontal("^AMT_REQ_CREDIT_BUREAU_.*$")

APPLICATION = (
    claim(
        "No outside agency gave us an assessment of you.",
        "Aucun organisme extérieur ne nous a donné d'évaluation de votre dossier.",
        _SCORES.is_not_null(),
        "an EXT_SOURCE is known",
    ),
    claim(
        "What outside agencies tell us about you is cautious; you can ask them why.",
        "Ce que des organismes extérieurs nous disent de vous est prudent ; vous pouvez leur demander pourquoi.",
        ~(_MEAN_SCORE < _HALF),
        "the mean of the EXT_SOURCE is 0.5 or more",
        speaks="against",
    ),
    claim(
        "What outside agencies tell us about you speaks in your favour.",
        "Ce que des organismes extérieurs nous disent de vous parle en votre faveur.",
        ~(_MEAN_SCORE >= _HALF),
        "the mean of the EXT_SOURCE is below 0.5",
        speaks="for",
    ),
    claim(
        "The instalments of this loan would take a large part of your income; a smaller amount would help.",
        "Les mensualités de ce prêt prendraient une grande part de votre revenu ; un montant plus petit aiderait.",
        pl.col("AMT_ANNUITY") <= _FIFTH * pl.col("AMT_INCOME_TOTAL"),
        "AMT_ANNUITY is at most a fifth of AMT_INCOME_TOTAL",
        speaks="against",
    ),
    claim(
        "The instalments of this loan would take a limited part of your income.",
        "Les mensualités de ce prêt prendraient une part limitée de votre revenu.",
        pl.col("AMT_ANNUITY") > _FIFTH * pl.col("AMT_INCOME_TOTAL"),
        "AMT_ANNUITY is above a fifth of AMT_INCOME_TOTAL",
        speaks="for",
    ),
    claim(
        "You would borrow more than the price of what the loan pays for.",
        "Vous emprunteriez plus que le prix de ce que le prêt doit payer.",
        pl.col("AMT_CREDIT") <= pl.col("AMT_GOODS_PRICE"),
        "AMT_CREDIT is at most AMT_GOODS_PRICE",
        speaks="against",
    ),
    claim(
        "You would borrow no more than the price of what the loan pays for.",
        "Vous n'emprunteriez pas plus que le prix de ce que le prêt doit payer.",
        pl.col("AMT_CREDIT") > pl.col("AMT_GOODS_PRICE"),
        "AMT_CREDIT is above AMT_GOODS_PRICE",
        speaks="for",
    ),
    claim(
        "We know of no job that you hold at present.",
        "Nous ne connaissons pas d'emploi que vous occupiez actuellement.",
        pl.col("DAYS_EMPLOYED") <= 0,
        "DAYS_EMPLOYED names a day",
    ),
    claim(
        "You have held your present job for a short time.",
        "Vous occupez votre emploi depuis peu de temps.",
        ~(_YEARS_IN_JOB < _SHORT),
        "DAYS_EMPLOYED is no day of the last two years",
        speaks="against",
    ),
    claim(
        "You have held your present job for several years.",
        "Vous occupez votre emploi depuis plusieurs années.",
        ~(_YEARS_IN_JOB >= _LONG),
        "DAYS_EMPLOYED is no day five years ago or before",
        speaks="for",
    ),
    claim(
        "We know of no home and no car that you own.",
        "Nous ne connaissons ni logement ni voiture qui vous appartienne.",
        (pl.col("FLAG_OWN_CAR") == "Y") | (pl.col("FLAG_OWN_REALTY") == "Y"),
        "FLAG_OWN_CAR or FLAG_OWN_REALTY is Y",
    ),
    claim(
        "We know of no car that you own.",
        "Nous ne connaissons pas de voiture qui vous appartienne.",
        pl.col("FLAG_OWN_CAR") == "Y",
        "FLAG_OWN_CAR is Y",
        speaks="against",
    ),
    claim(
        "We know of no home that you own.",
        "Nous ne connaissons pas de logement qui vous appartienne.",
        pl.col("FLAG_OWN_REALTY") == "Y",
        "FLAG_OWN_REALTY is Y",
        speaks="against",
    ),
    claim(
        "You own a home or other real estate.",
        "Vous possédez un logement ou un autre bien immobilier.",
        pl.col("FLAG_OWN_REALTY") != "Y",
        "FLAG_OWN_REALTY is not Y",
        speaks="for",
    ),
    claim(
        "You own a car.",
        "Vous possédez une voiture.",
        pl.col("FLAG_OWN_CAR") != "Y",
        "FLAG_OWN_CAR is not Y",
        speaks="for",
    ),
    claim(
        "We know nothing of the size or age of the building you live in.",
        "Nous ne savons rien de la taille ni de l'âge du bâtiment où vous habitez.",
        pl.any_horizontal(pl.col("^.*_AVG$").is_not_null()),
        "a measure of the building is known",
    ),
    claim(
        "Your addresses at home, at registration and at work are not all in the same place.",
        "Vos adresses de domicile, d'enregistrement et de travail ne sont pas toutes au même endroit.",
        _MISMATCHES <= 0,
        "no address differs from another",
        speaks="against",
    ),
    claim(
        "Your addresses at home, at registration and at work are in the same place.",
        "Vos adresses de domicile, d'enregistrement et de travail sont au même endroit.",
        _MISMATCHES > 0,
        "an address differs from another",
        speaks="for",
    ),
    claim(
        "You changed your telephone number less than a year ago.",
        "Vous avez changé de numéro de téléphone il y a moins d'un an.",
        ~(pl.col("DAYS_LAST_PHONE_CHANGE") > -DAYS_A_YEAR),
        "DAYS_LAST_PHONE_CHANGE is a year or more ago",
        speaks="against",
    ),
    claim(
        "Your identity document was changed less than a year ago.",
        "Votre pièce d'identité a été changée il y a moins d'un an.",
        ~(pl.col("DAYS_ID_PUBLISH") > -DAYS_A_YEAR),
        "DAYS_ID_PUBLISH is a year or more ago",
        speaks="against",
    ),
    claim(
        "You have had the same telephone number for more than a year.",
        "Vous avez le même numéro de téléphone depuis plus d'un an.",
        ~(pl.col("DAYS_LAST_PHONE_CHANGE") < -DAYS_A_YEAR),
        "DAYS_LAST_PHONE_CHANGE is less than a year ago",
        speaks="for",
    ),
    claim(
        "We know nothing of how people around you repay their loans.",
        "Nous ne savons rien des remboursements de personnes de votre entourage.",
        pl.any_horizontal(pl.col("^.*_CNT_SOCIAL_CIRCLE$").is_not_null()),
        "a SOCIAL_CIRCLE count is known",
    ),
    claim(
        "Late repayments are known of people around you.",
        "Des retards de remboursement sont connus de personnes de votre entourage.",
        (pl.col("DEF_30_CNT_SOCIAL_CIRCLE") <= 0) & (pl.col("DEF_60_CNT_SOCIAL_CIRCLE") <= 0),
        "no default is counted in the SOCIAL_CIRCLE",
        speaks="against",
    ),
    claim(
        "No late repayments are known of people around you.",
        "Aucun retard de remboursement n'est connu de personnes de votre entourage.",
        (pl.col("DEF_30_CNT_SOCIAL_CIRCLE") > 0) | (pl.col("DEF_60_CNT_SOCIAL_CIRCLE") > 0),
        "a default is counted in the SOCIAL_CIRCLE",
        speaks="for",
    ),
    claim(
        "We do not know whether lenders asked about you.",
        "Nous ne savons pas si des prêteurs se sont renseignés sur vous.",
        pl.all_horizontal(pl.col("^AMT_REQ_CREDIT_BUREAU_.*$").is_not_null()),
        "every AMT_REQ_CREDIT_BUREAU is known",
    ),
    claim(
        "Lenders asked about you during the past year.",
        "Des prêteurs se sont renseignés sur vous au cours de l'année passée.",
        ~(_ENQUIRIES > 0),
        "the AMT_REQ_CREDIT_BUREAU add up to 0",
        speaks="against",
    ),
    claim(
        "No lender asked about you during the past year.",
        "Aucun prêteur ne s'est renseigné sur vous au cours de l'année passée.",
        _ENQUIRIES > 0,
        "the AMT_REQ_CREDIT_BUREAU add up to more than 0",
        speaks="for",
    ),
)
