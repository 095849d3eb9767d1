"""What is said of earlier loans: with other lenders, with us, and on a card.

Each family says a fact when one is known; that records were not looked at, or that there are none, before it falls back
on saying nothing in particular.
"""

from __future__ import annotations

from credit_platform.portfolios.home_credit.reasons.declare import (
    BUREAU,
    BUREAU_COUNTS,
    CARD,
    CARD_COUNTS,
    EARLIER,
    EARLIER_COUNTS,
    on,
    unknown,
)
from credit_platform.portfolios.reason import Reason, Wording
from credit_platform.portfolios.reason_families import known_of, says

_YEAR, _YEARS = 365.25, 5 * 365.25


def _bureau(code: str, of_fr: str, of_en: str, *facts: Wording, last: tuple[Wording, ...] = ()) -> Reason:
    return known_of(
        code,
        of_fr,
        of_en,
        *facts,
        says(
            "not_looked_at",
            f"Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir {of_fr}.",
            f"For this answer we did not look up all that we might know of {of_en}.",
        ),
        says(
            "nothing_known",
            f"Nous ne vous connaissons aucun crédit chez d'autres prêteurs et ne savons donc rien {of_fr}.",
            f"We know of no credit of yours with other lenders, and so nothing of {of_en}.",
            *unknown(*BUREAU_COUNTS),
        ),
        *last,
        source=BUREAU,
    )


def _earlier(code: str, of_fr: str, of_en: str, *facts: Wording, last: tuple[Wording, ...] = ()) -> Reason:
    return known_of(
        code,
        of_fr,
        of_en,
        *facts,
        says(
            "not_looked_at",
            f"Pour cette réponse, nous n'avons pas consulté tout ce que nous pourrions savoir {of_fr}.",
            f"For this answer we did not look up all that we might know of {of_en}.",
        ),
        says(
            "nothing_known",
            f"Nous ne vous connaissons aucun prêt antérieur chez nous et ne savons donc rien {of_fr}.",
            f"We know of no earlier loan of yours with us, and so nothing of {of_en}.",
            *unknown(*EARLIER_COUNTS),
        ),
        *last,
        source=EARLIER,
    )


def _card(code: str, of_fr: str, of_en: str, *facts: Wording) -> Reason:
    return known_of(
        code,
        of_fr,
        of_en,
        *facts,
        says(
            "not_looked_at",
            f"Pour cette réponse, nous n'avons pas consulté ce que nous pourrions savoir {of_fr}.",
            f"For this answer we did not look up what we might know of {of_en}.",
        ),
        says(
            "nothing_known",
            f"Nous ne vous connaissons pas de carte de crédit chez nous et ne savons donc rien {of_fr}.",
            f"We know of no credit card of yours with us, and so nothing of {of_en}.",
            *unknown(*CARD_COUNTS),
        ),
        source=CARD,
    )


BUREAU_DEBT = _bureau(
    "bureau_debt",
    "de vos dettes ailleurs",
    "your debts elsewhere",
    says(
        "adverse",
        "Vous devez encore de l'argent à d'autres prêteurs.",
        "You still owe money to other lenders.",
        on("bureau__credits__indebted__count", ">", 0),
    ),
    says(
        "favourable",
        "Nous ne connaissons pas de dette de vous auprès d'autres prêteurs.",
        "We know of no debt of yours with other lenders.",
        on("bureau__credits__indebted__count", "<=", 0),
    ),
)
_LATE_ELSEWHERE = (
    "Des paiements de vos crédits auprès d'autres prêteurs ont été en retard.",
    "Payments on your credits with other lenders were late.",
)
_NOT_LATE_ELSEWHERE = (
    "Nous ne connaissons pas de retard de paiement de vos crédits auprès d'autres prêteurs.",
    "We know of no late payment on your credits with other lenders.",
)
_NEVER_OVERDUE = (
    on("bureau__credits__once_overdue__count", "<=", 0),
    on("bureau__credits__now_overdue__count", "<=", 0),
    on("bureau__credits__sold__count", "<=", 0),
)
BUREAU_DELAYS = _bureau(
    "bureau_delays",
    "de votre ponctualité ailleurs",
    "your punctuality elsewhere",
    says("adverse", *_LATE_ELSEWHERE, on("bureau__credits__once_overdue__count", ">", 0)),
    says("adverse", *_LATE_ELSEWHERE, on("bureau__credits__now_overdue__count", ">", 0)),
    says("adverse", *_LATE_ELSEWHERE, on("bureau_balance__credits__once_late__count", ">", 0)),
    says("favourable", *_NOT_LATE_ELSEWHERE, *_NEVER_OVERDUE, on("bureau_balance__credits__once_late__count", "<=", 0)),
    last=(says("favourable", *_NOT_LATE_ELSEWHERE, *_NEVER_OVERDUE, *unknown(BUREAU_COUNTS[1])),),
)
BUREAU_HISTORY = _bureau(
    "bureau_history",
    "de vos crédits passés ailleurs",
    "your past credits elsewhere",
    says(
        "adverse",
        "Votre plus ancien crédit connu auprès d'un autre prêteur date de moins d'un an.",
        "Your oldest known credit with another lender is less than a year old.",
        on("bureau__age__all__max", "<", _YEAR),
    ),
    says(
        "favourable",
        "Vous avez des crédits auprès d'autres prêteurs depuis plusieurs années.",
        "You have had credits with other lenders for several years.",
        on("bureau__age__all__max", ">=", _YEARS),
    ),
    says(
        "favourable",
        "Au moins un crédit que vous aviez auprès d'un autre prêteur est clos.",
        "At least one credit that you had with another lender is closed.",
        on("bureau__credits__closed__count", ">", 0),
    ),
)
BUREAU_ACTIVITY = _bureau(
    "bureau_activity",
    "de vos nouveaux crédits ailleurs",
    "your new credits elsewhere",
    says(
        "adverse",
        "Vous avez pris un crédit auprès d'un autre prêteur au cours de l'année passée.",
        "You took out a credit with another lender during the past year.",
        on("bureau__credits__last_12_months__count", ">", 0),
    ),
    says(
        "adverse",
        "Vous avez un crédit en cours auprès d'un autre prêteur.",
        "You have a credit under way with another lender.",
        on("bureau__credits__active__count", ">", 0),
    ),
    says(
        "favourable",
        "Nous ne connaissons pas de crédit pris auprès d'un autre prêteur au cours de l'année passée.",
        "We know of no credit that you took out with another lender during the past year.",
        on("bureau__credits__last_12_months__count", "<=", 0),
    ),
)
PREVIOUS_REFUSALS = _earlier(
    "previous_refusals",
    "de l'issue de vos demandes chez nous",
    "the outcome of your applications with us",
    says(
        "adverse",
        "Nous avons déjà refusé une demande de votre part.",
        "We have refused an application of yours before.",
        on("previous__applications__refused__count", ">", 0),
    ),
    says(
        "favourable",
        "Nous avons déjà accepté une demande de votre part.",
        "We have approved an application of yours before.",
        on("previous__applications__approved__count", ">", 0),
    ),
    says(
        "favourable",
        "Nous n'avons refusé aucune demande de votre part.",
        "We have refused no application of yours.",
        on("previous__applications__refused__count", "<=", 0),
    ),
)
PREVIOUS_ACTIVITY = _earlier(
    "previous_activity",
    "de vos demandes et prêts récents chez nous",
    "your recent applications and loans with us",
    says(
        "adverse",
        "Vous nous avez déjà adressé une demande au cours de l'année passée.",
        "You already sent us an application during the past year.",
        on("previous__applications__last_12_months__count", ">", 0),
    ),
    says(
        "favourable",
        "Vous ne nous avez pas adressé de demande au cours de l'année passée.",
        "You sent us no application during the past year.",
        on("previous__applications__last_12_months__count", "<=", 0),
    ),
)
PREVIOUS_LOANS = _earlier(
    "previous_loans",
    "de vos prêts antérieurs chez nous",
    "your earlier loans with us",
)
_LATE_WITH_US = (
    "Un de vos paiements sur un prêt chez nous a été en retard au moins une fois.",
    "One of your payments on a loan with us was late at least once.",
)
_ON_TIME = (
    "Nous ne connaissons pas de paiement en retard sur vos prêts chez nous.",
    "We know of no late payment on your loans with us.",
)
_INSTALMENTS_ON_TIME = (
    on("installments__loans__once_late__count", "<=", 0),
    on("installments__lines_unpaid__all__sum", "<=", 0),
)
INSTALMENT_DELAYS = _earlier(
    "instalment_delays",
    "de votre ponctualité sur vos prêts chez nous",
    "your punctuality on loans with us",
    says("adverse", *_LATE_WITH_US, on("installments__loans__once_late__count", ">", 0)),
    says("adverse", *_LATE_WITH_US, on("pos_cash__loans__once_late__count", ">", 0)),
    says("favourable", *_ON_TIME, *_INSTALMENTS_ON_TIME, on("pos_cash__loans__once_late__count", "<=", 0)),
    last=(
        says("favourable", *_ON_TIME, *_INSTALMENTS_ON_TIME, *unknown(EARLIER_COUNTS[1])),
        says("favourable", *_ON_TIME, on("pos_cash__loans__once_late__count", "<=", 0), *unknown(EARLIER_COUNTS[2])),
    ),
)
INSTALMENT_SHORTFALL = _earlier(
    "instalment_shortfall",
    "des sommes que vous avez versées chez nous",
    "the amounts you paid us",
    says(
        "adverse",
        "Un de vos versements pour un prêt chez nous a été au moins une fois plus petit que l'échéance.",
        "One of your payments on a loan with us was at least once smaller than the instalment.",
        on("installments__lines_underpaid__all__sum", ">", 0),
    ),
    says(
        "favourable",
        "Vos versements pour vos prêts chez nous ont couvert les échéances.",
        "Your payments on loans with us covered the instalments.",
        on("installments__lines_underpaid__all__sum", "<=", 0),
        on("installments__lines_unpaid__all__sum", "<=", 0),
    ),
)
CARD_USE = _card(
    "card_use",
    "de l'usage de votre carte chez nous",
    "your use of a card with us",
    says(
        "adverse",
        "Vous avez eu un solde à payer sur votre carte de crédit chez nous.",
        "You have had a balance to pay on your credit card with us.",
        on("credit_card__balance__all__max", ">", 0),
    ),
    says(
        "favourable",
        "Vous n'avez pas eu de solde à payer sur votre carte de crédit chez nous.",
        "You have had no balance to pay on your credit card with us.",
        on("credit_card__balance__all__max", "<=", 0),
    ),
)
CARD_REPAYMENT = _card(
    "card_repayment",
    "du remboursement de votre carte chez nous",
    "the repayment of your card with us",
    says(
        "adverse",
        "Un paiement de votre carte de crédit chez nous a été en retard au moins une fois.",
        "A payment for your credit card with us was late at least once.",
        on("credit_card__months__late__count", ">", 0),
    ),
    says(
        "favourable",
        "Aucun paiement de votre carte de crédit chez nous n'a été en retard.",
        "No payment for your credit card with us was late.",
        on("credit_card__months__late__count", "<=", 0),
    ),
)
