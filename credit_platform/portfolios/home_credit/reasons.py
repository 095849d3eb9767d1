"""What an applicant is told: one family of features each, in French and English.

What is here: the texts of the reasons, whole sentences in the second person.
What to add here: a family, when features come that none of these explains.
What must not be here: scores, thresholds, names of columns; a text that blames, or that nobody could act on or check.
"""

from __future__ import annotations

from credit_platform.portfolios.portfolio import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        code="external_scores",
        adverse_fr=(
            "Les évaluations de votre dossier par des organismes extérieurs sont prudentes ; vous pouvez leur "
            "demander ce qu'ils savent de vous."
        ),
        adverse_en=(
            "The assessments that outside agencies give us about you are cautious; you can ask them what they hold."
        ),
        favourable_fr="Les évaluations de votre dossier par des organismes extérieurs parlent en votre faveur.",
        favourable_en="The assessments that outside agencies give us about you speak in your favour.",
    ),
    Reason(
        code="income",
        adverse_fr=(
            "Pour un foyer comme le vôtre, les revenus que vous déclarez laissent peu de marge en cas d'imprévu."
        ),
        adverse_en="For a household like yours, the income you state leaves little room for the unexpected.",
        favourable_fr="Les revenus que vous déclarez vous laissent une marge pour faire face à un imprévu.",
        favourable_en="The income you state leaves you room for the unexpected.",
    ),
    Reason(
        code="affordability",
        adverse_fr=(
            "Les mensualités, avec celles que vous payez déjà, prendraient une grande part de vos revenus ; un "
            "montant plus petit pourrait aider."
        ),
        adverse_en=(
            "The instalments, with those you already pay, would take a large part of your income; a smaller amount "
            "could help."
        ),
        favourable_fr="Les mensualités, avec celles que vous payez déjà, restent supportables pour vos revenus.",
        favourable_en="The instalments, with those you already pay, stay within what your income can bear.",
    ),
    Reason(
        code="loan_amount",
        adverse_fr="Le montant que vous demandez s'accorde mal avec votre situation ; un autre montant pourrait aider.",
        adverse_en="The amount you ask for does not fit your situation well; a different one could help.",
        favourable_fr="Le montant que vous demandez convient à votre situation.",
        favourable_en="The amount you ask for suits your situation.",
    ),
    Reason(
        code="loan_terms",
        adverse_fr=(
            "Les conditions du prêt que vous demandez (durée, frais, part du prix financée) rendent son "
            "remboursement plus incertain."
        ),
        adverse_en=(
            "The terms of the loan you ask for (length, fees, share of the price financed) make repaying it less "
            "certain."
        ),
        favourable_fr=(
            "Les conditions du prêt que vous demandez (durée, frais, part du prix financée) facilitent son "
            "remboursement."
        ),
        favourable_en=(
            "The terms of the loan you ask for (length, fees, share of the price financed) make repaying it easier."
        ),
    ),
    Reason(
        code="employment",
        adverse_fr=(
            "Votre situation professionnelle actuelle nous donne encore peu de recul ; elle comptera davantage avec "
            "le temps."
        ),
        adverse_en="Your present work situation does not give us much to go by yet; it will count for more with time.",
        favourable_fr="La stabilité de votre situation professionnelle parle en votre faveur.",
        favourable_en="The stability of your work situation speaks in your favour.",
    ),
    Reason(
        code="education",
        adverse_fr=(
            "Votre niveau d'études a compté ; parmi des dossiers proches du vôtre, les remboursements ont été un peu "
            "plus difficiles."
        ),
        adverse_en="Your level of education counted; for applications like yours, repayment has been a little harder.",
        favourable_fr="Votre niveau d'études a compté en votre faveur.",
        favourable_en="Your level of education counted in your favour.",
    ),
    Reason(
        code="age",
        adverse_fr=(
            "Votre âge a compté ; à cet âge, des prêts comparables au vôtre ont été un peu plus difficiles à "
            "rembourser."
        ),
        adverse_en="Your age counted; at this age, loans like yours have been a little harder to repay.",
        favourable_fr="Votre âge a compté en votre faveur.",
        favourable_en="Your age counted in your favour.",
    ),
    Reason(
        code="household",
        adverse_fr="Vu la taille de votre foyer, une nouvelle mensualité trouverait moins de place dans son budget.",
        adverse_en="Given the size of your household, another instalment would find less room in its budget.",
        favourable_fr="La taille de votre foyer laisse de la place pour une mensualité.",
        favourable_en="The size of your household leaves room for an instalment.",
    ),
    Reason(
        code="assets",
        adverse_fr=(
            "Nous voyons peu de biens, comme un logement ou une voiture, qui pourraient vous aider en cas de "
            "difficulté."
        ),
        adverse_en="We see few possessions, such as a home or a car, that could help you in a difficult time.",
        favourable_fr="Les biens que vous possédez, comme un logement ou une voiture, parlent en votre faveur.",
        favourable_en="What you own, such as a home or a car, speaks in your favour.",
    ),
    Reason(
        code="housing",
        adverse_fr="Ce que nous savons de votre logement ne suffit pas encore à nous rassurer.",
        adverse_en="What we know about your housing is not yet enough to reassure us.",
        favourable_fr="Ce que nous savons de votre logement parle en votre faveur.",
        favourable_en="What we know about your housing speaks in your favour.",
    ),
    Reason(
        code="region",
        adverse_fr=(
            "Vos adresses de domicile, d'enregistrement et de travail ont compté ; mettez-les à jour si elles ne sont"
            " plus exactes."
        ),
        adverse_en=(
            "Your addresses at home, at registration and at work counted; please update them if they are out of date."
        ),
        favourable_fr="Vos adresses de domicile, d'enregistrement et de travail ont compté en votre faveur.",
        favourable_en="Your addresses at home, at registration and at work counted in your favour.",
    ),
    Reason(
        code="contact_details",
        adverse_fr=(
            "Vos papiers ou vos coordonnées sont récents ou incomplets dans nos dossiers ; les compléter peut aider."
        ),
        adverse_en="Your papers or contact details are recent or incomplete in our records; completing them can help.",
        favourable_fr="Vos papiers et vos coordonnées sont complets et stables.",
        favourable_en="Your papers and contact details are complete and stable.",
    ),
    Reason(
        code="social_circle",
        adverse_fr="La façon dont des personnes de votre entourage remboursent leurs prêts a compté dans cet examen.",
        adverse_en="The way people around you repay their loans counted in this assessment.",
        favourable_fr=(
            "La façon dont des personnes de votre entourage remboursent leurs prêts a compté en votre faveur."
        ),
        favourable_en="The way people around you repay their loans counted in your favour.",
    ),
    Reason(
        code="enquiries",
        adverse_fr=(
            "Le nombre de prêteurs qui se sont renseignés sur vous laisse penser que d'autres crédits pourraient "
            "suivre."
        ),
        adverse_en="The number of lenders who asked about you suggests that other loans may follow.",
        favourable_fr="Peu de prêteurs se sont renseignés sur vous, ce qui nous rassure.",
        favourable_en="Few lenders have asked about you, which reassures us.",
    ),
    Reason(
        code="application_moment",
        adverse_fr="Le moment de votre demande a légèrement compté ; vous pouvez revenir vers nous un autre jour.",
        adverse_en="The moment of your application counted slightly; you are welcome to come back another day.",
        favourable_fr="Le moment de votre demande a légèrement compté en votre faveur.",
        favourable_en="The moment of your application counted slightly in your favour.",
    ),
    Reason(
        code="bureau_debt",
        adverse_fr="Ce que vous devez encore à d'autres prêteurs pèse déjà sur votre budget.",
        adverse_en="What you still owe to other lenders already weighs on your budget.",
        favourable_fr="Ce que vous devez encore à d'autres prêteurs reste limité.",
        favourable_en="What you still owe to other lenders is limited.",
    ),
    Reason(
        code="bureau_delays",
        adverse_fr="La ponctualité des paiements sur vos crédits auprès d'autres prêteurs ne nous rassure pas encore.",
        adverse_en="The punctuality of payments on your loans with other lenders does not reassure us yet.",
        favourable_fr="La ponctualité des paiements sur vos crédits auprès d'autres prêteurs parle en votre faveur.",
        favourable_en="The punctuality of payments on your loans with other lenders speaks in your favour.",
    ),
    Reason(
        code="bureau_history",
        adverse_fr="Vos crédits passés auprès d'autres prêteurs nous donnent encore peu de recul.",
        adverse_en="Your past loans with other lenders do not give us much to go by yet.",
        favourable_fr="La durée et la variété de vos crédits auprès d'autres prêteurs parlent en votre faveur.",
        favourable_en="The length and variety of your loans with other lenders speak in your favour.",
    ),
    Reason(
        code="bureau_activity",
        adverse_fr=(
            "Le rythme auquel vous prenez des crédits ailleurs est soutenu ; attendre d'en avoir remboursé une partie"
            " peut aider."
        ),
        adverse_en=(
            "The pace at which you take out loans elsewhere is brisk; waiting until part of them is repaid can help."
        ),
        favourable_fr="Le rythme auquel vous prenez des crédits ailleurs est raisonnable.",
        favourable_en="The pace at which you take out loans elsewhere is reasonable.",
    ),
    Reason(
        code="previous_refusals",
        adverse_fr=(
            "L'issue de vos demandes précédentes chez nous compte encore, et ne joue pas en votre faveur cette fois."
        ),
        adverse_en=(
            "The outcome of your earlier applications with us still counts, and is not in your favour this time."
        ),
        favourable_fr="L'issue de vos demandes précédentes chez nous parle en votre faveur.",
        favourable_en="The outcome of your earlier applications with us speaks in your favour.",
    ),
    Reason(
        code="previous_activity",
        adverse_fr=(
            "Vos demandes récentes chez nous se suivent de près, ou vos prêts sont encore loin d'être remboursés."
        ),
        adverse_en=(
            "Your recent applications with us follow closely on one another, or your loans are still far from repaid."
        ),
        favourable_fr="Vos demandes chez nous sont espacées, et le remboursement de vos prêts avance bien.",
        favourable_en="Your applications with us are well spaced, and the repayment of your loans is well under way.",
    ),
    Reason(
        code="previous_loans",
        adverse_fr=(
            "Ce prêt s'écarte de ceux que vous avez demandés ou remboursés chez nous par son montant ou ses conditions."
        ),
        adverse_en="This loan differs in amount or terms from those you asked for or repaid with us before.",
        favourable_fr="Ce prêt ressemble à ceux que vous avez déjà demandés ou remboursés chez nous.",
        favourable_en="This loan resembles those you have already asked for or repaid with us.",
    ),
    Reason(
        code="instalment_delays",
        adverse_fr=(
            "La ponctualité de vos paiements sur vos prêts chez nous ne nous rassure pas encore ; payer à la date "
            "prévue aide."
        ),
        adverse_en=(
            "The punctuality of your payments on loans with us does not reassure us yet; paying by the due date helps."
        ),
        favourable_fr="La ponctualité de vos paiements sur vos prêts chez nous parle en votre faveur.",
        favourable_en="The punctuality of your payments on loans with us speaks in your favour.",
    ),
    Reason(
        code="instalment_shortfall",
        adverse_fr=(
            "Les sommes versées pour vos prêts chez nous, comparées aux échéances, ne nous rassurent pas encore."
        ),
        adverse_en=(
            "The amounts you paid on your loans with us, compared with the instalments due, do not reassure us yet."
        ),
        favourable_fr="Les sommes versées pour vos prêts chez nous couvrent bien vos échéances.",
        favourable_en="The amounts you paid on your loans with us cover the instalments well.",
    ),
    Reason(
        code="card_use",
        adverse_fr=(
            "L'usage de votre carte de crédit (solde, plafond, retraits) laisse peu de marge pour un nouveau prêt."
        ),
        adverse_en=(
            "The use of your credit card (balance, limit, cash withdrawals) leaves little room for another loan."
        ),
        favourable_fr="L'usage de votre carte de crédit parle en votre faveur.",
        favourable_en="The use of your credit card speaks in your favour.",
    ),
    Reason(
        code="card_repayment",
        adverse_fr=(
            "Le remboursement de votre carte de crédit ne nous rassure pas encore ; payer le minimum dû à temps aide."
        ),
        adverse_en="The repayment of your credit card does not reassure us yet; paying the minimum due on time helps.",
        favourable_fr="Vous remboursez régulièrement votre carte de crédit.",
        favourable_en="You repay your credit card regularly.",
    ),
)
