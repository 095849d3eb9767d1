"""What sentences about earlier loans claim: with other lenders, with us, and on a card."""

from __future__ import annotations

import polars as pl

from credit_platform.portfolios.claims import LOOKED_AT
from credit_platform.portfolios.home_credit.claims.declare import claim
from credit_platform.portfolios.home_credit.claims.facts import DAYS_A_YEAR

_LOOKED_UP = (pl.col(LOOKED_AT), "histories were looked at")
# Nobody may be told that there is nothing where nobody looked.
_UNSEEN = ~pl.col(LOOKED_AT)
_HAS_CREDIT_ELSEWHERE = (
    _UNSEEN | (pl.col("bureau_rows") > 0) | (pl.col("reports_rows") > 0),
    "histories were not looked at, or bureau or bureau_balance has rows",
)
_HAS_EARLIER_LOAN = (
    _UNSEEN | (pl.col("previous_rows") > 0) | (pl.col("pos_rows") > 0) | (pl.col("instalments_rows") > 0),
    "histories were not looked at, or previous_application, pos_cash_balance or installments_payments has rows",
)
_HAS_CARD = (_UNSEEN | (pl.col("card_rows") > 0), "histories were not looked at, or credit_card_balance has rows")

HISTORIES = (
    claim(
        "You still owe money to other lenders.",
        "Vous devez encore de l'argent à d'autres prêteurs.",
        pl.col("bureau_owed_count") <= 0,
        "no AMT_CREDIT_SUM_DEBT is above 0",
        speaks="against",
    ),
    claim(
        "We know of no debt of yours with other lenders.",
        "Nous ne connaissons pas de dette de vous auprès d'autres prêteurs.",
        (pl.col("bureau_owed_count") > 0) | (pl.col("bureau_rows") <= 0),
        "an AMT_CREDIT_SUM_DEBT is above 0, or bureau has no row",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up all that we might know of your debts elsewhere.",
        "Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir de vos dettes ailleurs.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no credit of yours with other lenders, and so nothing of your debts elsewhere.",
        "Nous ne vous connaissons aucun crédit chez d'autres prêteurs et ne savons donc rien de vos dettes ailleurs.",
        *_HAS_CREDIT_ELSEWHERE,
    ),
    claim(
        "Payments on your credits with other lenders were late.",
        "Des paiements de vos crédits auprès d'autres prêteurs ont été en retard.",
        (pl.col("bureau_late") <= 0) & (pl.col("reports_late") <= 0),
        "neither bureau nor bureau_balance has a delay",
        speaks="against",
    ),
    claim(
        "We know of no late payment on your credits with other lenders.",
        "Nous ne connaissons pas de retard de paiement de vos crédits auprès d'autres prêteurs.",
        (pl.col("bureau_late") > 0) | (pl.col("reports_late") > 0),
        "bureau or bureau_balance has a delay",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up all that we might know of your punctuality elsewhere.",
        "Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir de votre ponctualité "
        "ailleurs.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no credit of yours with other lenders, and so nothing of your punctuality elsewhere.",
        "Nous ne vous connaissons aucun crédit chez d'autres prêteurs et ne savons donc rien de votre "
        "ponctualité ailleurs.",
        *_HAS_CREDIT_ELSEWHERE,
    ),
    claim(
        "Your oldest known credit with another lender is less than a year old.",
        "Votre plus ancien crédit connu auprès d'un autre prêteur date de moins d'un an.",
        ~(pl.col("bureau_oldest") > -DAYS_A_YEAR),
        "no DAYS_CREDIT, or one a year or more ago",
        speaks="against",
    ),
    claim(
        "You have had credits with other lenders for several years.",
        "Vous avez des crédits auprès d'autres prêteurs depuis plusieurs années.",
        ~(pl.col("bureau_oldest") <= -5 * DAYS_A_YEAR),
        "no DAYS_CREDIT is five years ago or before",
        speaks="for",
    ),
    claim(
        "At least one credit that you had with another lender is closed.",
        "Au moins un crédit que vous aviez auprès d'un autre prêteur est clos.",
        pl.col("bureau_closed_count") <= 0,
        "no CREDIT_ACTIVE is Closed",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up all that we might know of your past credits elsewhere.",
        "Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir de vos crédits passés "
        "ailleurs.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no credit of yours with other lenders, and so nothing of your past credits elsewhere.",
        "Nous ne vous connaissons aucun crédit chez d'autres prêteurs et ne savons donc rien de vos crédits "
        "passés ailleurs.",
        *_HAS_CREDIT_ELSEWHERE,
    ),
    claim(
        "You took out a credit with another lender during the past year.",
        "Vous avez pris un crédit auprès d'un autre prêteur au cours de l'année passée.",
        pl.col("bureau_year_count") <= 0,
        "no DAYS_CREDIT is within a year",
        speaks="against",
    ),
    claim(
        "You have a credit under way with another lender.",
        "Vous avez un crédit en cours auprès d'un autre prêteur.",
        pl.col("bureau_active_count") <= 0,
        "no CREDIT_ACTIVE is Active",
        speaks="against",
    ),
    claim(
        "We know of no credit that you took out with another lender during the past year.",
        "Nous ne connaissons pas de crédit pris auprès d'un autre prêteur au cours de l'année passée.",
        pl.col("bureau_year_count") > 0,
        "a DAYS_CREDIT is within a year",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up all that we might know of your new credits elsewhere.",
        "Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir de vos nouveaux "
        "crédits ailleurs.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no credit of yours with other lenders, and so nothing of your new credits elsewhere.",
        "Nous ne vous connaissons aucun crédit chez d'autres prêteurs et ne savons donc rien de vos nouveaux "
        "crédits ailleurs.",
        *_HAS_CREDIT_ELSEWHERE,
    ),
    claim(
        "We have refused an application of yours before.",
        "Nous avons déjà refusé une demande de votre part.",
        pl.col("previous_refused_count") <= 0,
        "no NAME_CONTRACT_STATUS is Refused",
        speaks="against",
    ),
    claim(
        "We have approved an application of yours before.",
        "Nous avons déjà accepté une demande de votre part.",
        pl.col("previous_approved_count") <= 0,
        "no NAME_CONTRACT_STATUS is Approved",
        speaks="for",
    ),
    claim(
        "We have refused no application of yours.",
        "Nous n'avons refusé aucune demande de votre part.",
        (pl.col("previous_refused_count") > 0) | (pl.col("previous_rows") <= 0),
        "a NAME_CONTRACT_STATUS is Refused, or there is no earlier application",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up all that we might know of the outcome of your applications with us.",
        "Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir de l'issue de vos "
        "demandes chez nous.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no earlier loan of yours with us, and so nothing of the outcome of your applications with us.",
        "Nous ne vous connaissons aucun prêt antérieur chez nous et ne savons donc rien de l'issue de vos "
        "demandes chez nous.",
        *_HAS_EARLIER_LOAN,
    ),
    claim(
        "You already sent us an application during the past year.",
        "Vous nous avez déjà adressé une demande au cours de l'année passée.",
        pl.col("previous_year_count") <= 0,
        "no DAYS_DECISION is within a year",
        speaks="against",
    ),
    claim(
        "You sent us no application during the past year.",
        "Vous ne nous avez pas adressé de demande au cours de l'année passée.",
        pl.col("previous_year_count") > 0,
        "a DAYS_DECISION is within a year",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up all that we might know of your recent applications and loans with us.",
        "Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir de vos demandes et "
        "prêts récents chez nous.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no earlier loan of yours with us, and so nothing of your recent applications and loans with us.",
        "Nous ne vous connaissons aucun prêt antérieur chez nous et ne savons donc rien de vos demandes et "
        "prêts récents chez nous.",
        *_HAS_EARLIER_LOAN,
    ),
    claim(
        "For this answer we did not look up all that we might know of your earlier loans with us.",
        "Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir de vos prêts "
        "antérieurs chez nous.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no earlier loan of yours with us, and so nothing of your earlier loans with us.",
        "Nous ne vous connaissons aucun prêt antérieur chez nous et ne savons donc rien de vos prêts antérieurs "
        "chez nous.",
        *_HAS_EARLIER_LOAN,
    ),
    claim(
        "One of your payments on a loan with us was late at least once.",
        "Un de vos paiements sur un prêt chez nous a été en retard au moins une fois.",
        (pl.col("instalments_late") <= 0) & (pl.col("pos_late") <= 0),
        "neither installments_payments nor pos_cash_balance has a delay",
        speaks="against",
    ),
    claim(
        "We know of no late payment on your loans with us.",
        "Nous ne connaissons pas de paiement en retard sur vos prêts chez nous.",
        (pl.col("instalments_late") > 0)
        | (pl.col("pos_late") > 0)
        | (pl.col("instalments_missed_count") > 0)
        | (pl.col("instalments_rows") + pl.col("pos_rows") <= 0),
        "installments_payments or pos_cash_balance has a delay or a missing payment, or neither has a row",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up all that we might know of your punctuality on loans with us.",
        "Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir de votre ponctualité "
        "sur vos prêts chez nous.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no earlier loan of yours with us, and so nothing of your punctuality on loans with us.",
        "Nous ne vous connaissons aucun prêt antérieur chez nous et ne savons donc rien de votre ponctualité "
        "sur vos prêts chez nous.",
        *_HAS_EARLIER_LOAN,
    ),
    claim(
        "One of your payments on a loan with us was at least once smaller than the instalment.",
        "Un de vos versements pour un prêt chez nous a été au moins une fois plus petit que l'échéance.",
        pl.col("instalments_short_count") <= 0,
        "no AMT_PAYMENT is below its AMT_INSTALMENT",
        speaks="against",
    ),
    claim(
        "Your payments on loans with us covered the instalments.",
        "Vos versements pour vos prêts chez nous ont couvert les échéances.",
        (pl.col("instalments_short_count") > 0)
        | (pl.col("instalments_missed_count") > 0)
        | (pl.col("instalments_rows") <= 0),
        "an AMT_PAYMENT is below its AMT_INSTALMENT or missing, or there is none",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up all that we might know of the amounts you paid us.",
        "Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir des sommes que vous "
        "avez versées chez nous.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no earlier loan of yours with us, and so nothing of the amounts you paid us.",
        "Nous ne vous connaissons aucun prêt antérieur chez nous et ne savons donc rien des sommes que vous "
        "avez versées chez nous.",
        *_HAS_EARLIER_LOAN,
    ),
    claim(
        "You have had a balance to pay on your credit card with us.",
        "Vous avez eu un solde à payer sur votre carte de crédit chez nous.",
        ~(pl.col("card_balance") > 0),
        "no AMT_BALANCE is above 0",
        speaks="against",
    ),
    claim(
        "You have had no balance to pay on your credit card with us.",
        "Vous n'avez pas eu de solde à payer sur votre carte de crédit chez nous.",
        ~(pl.col("card_balance") <= 0),
        "an AMT_BALANCE is above 0, or there is none",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up what we might know of your use of a card with us.",
        "Pour cette réponse, nous n'avons pas consulté ce que nous pourrions savoir de l'usage de votre carte "
        "chez nous.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no credit card of yours with us, and so nothing of your use of a card with us.",
        "Nous ne vous connaissons pas de carte de crédit chez nous et ne savons donc rien de l'usage de votre "
        "carte chez nous.",
        *_HAS_CARD,
    ),
    claim(
        "A payment for your credit card with us was late at least once.",
        "Un paiement de votre carte de crédit chez nous a été en retard au moins une fois.",
        pl.col("card_late") <= 0,
        "no SK_DPD of the card is above 0",
        speaks="against",
    ),
    claim(
        "No payment for your credit card with us was late.",
        "Aucun paiement de votre carte de crédit chez nous n'a été en retard.",
        (pl.col("card_late") > 0) | (pl.col("card_rows") <= 0),
        "an SK_DPD of the card is above 0, or there is no statement",
        speaks="for",
    ),
    claim(
        "For this answer we did not look up what we might know of the repayment of your card with us.",
        "Pour cette réponse, nous n'avons pas consulté ce que nous pourrions savoir du remboursement de votre "
        "carte chez nous.",
        *_LOOKED_UP,
    ),
    claim(
        "We know of no credit card of yours with us, and so nothing of the repayment of your card with us.",
        "Nous ne vous connaissons pas de carte de crédit chez nous et ne savons donc rien du remboursement de "
        "votre carte chez nous.",
        *_HAS_CARD,
    ),
)
