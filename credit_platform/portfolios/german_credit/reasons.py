"""What an applicant is told: one family of features each, in French and English.

What is here: the texts of the reasons, whole sentences in the second person, true whatever the applicant's values are.
What to add here: a family, when features come that none of these explains.
What must not be here: scores, thresholds, names of columns; a text that blames, or that nobody could act on or check.
"""

from __future__ import annotations

from credit_platform.portfolios.portfolio import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        code="checking_account",
        adverse_fr="La situation de votre compte courant laisse peu de marge pour une mensualité de plus.",
        adverse_en="The state of your current account leaves little room for one more monthly payment.",
        favourable_fr="Ce que nous savons de vos comptes courants parle en votre faveur.",
        favourable_en="What we know of your current accounts speaks in your favour.",
    ),
    Reason(
        code="savings",
        adverse_fr="Nous voyons peu d'épargne qui pourrait vous aider à passer un mois difficile.",
        adverse_en="We see little in savings that could help you through a difficult month.",
        favourable_fr="Ce que nous savons de votre épargne parle en votre faveur.",
        favourable_en="What we know of your savings speaks in your favour.",
    ),
    Reason(
        code="credit_history",
        adverse_fr="Vos crédits passés ne nous rassurent pas encore assez sur la régularité des remboursements.",
        adverse_en="Your past loans do not yet reassure us enough about regular repayment.",
        favourable_fr="La façon dont vous avez géré vos crédits jusqu'ici parle en votre faveur.",
        favourable_en="The way you have handled credit so far speaks in your favour.",
    ),
    Reason(
        code="loan_amount",
        adverse_fr="Le montant que vous demandez s'accorde mal avec votre situation ; un autre montant pourrait aider.",
        adverse_en="The amount you ask for does not fit your situation well; a different one could help.",
        favourable_fr="Le montant que vous demandez est raisonnable au regard de votre situation.",
        favourable_en="The amount you ask for is reasonable for your situation.",
    ),
    Reason(
        code="loan_duration",
        adverse_fr=(
            "La durée que vous demandez est longue ; une durée plus courte laisserait moins de place aux imprévus."
        ),
        adverse_en="The loan you ask for runs for a long time; a shorter one would leave less room for the unexpected.",
        favourable_fr="La durée que vous demandez est courte, ce qui laisse moins de place aux imprévus.",
        favourable_en="The loan you ask for is short, which leaves less room for the unexpected.",
    ),
    Reason(
        code="repayment_burden",
        adverse_fr="La mensualité pèserait lourd dans votre budget de chaque mois.",
        adverse_en="The instalment would weigh heavily on your monthly budget.",
        favourable_fr="La mensualité semble tenir dans votre budget de chaque mois.",
        favourable_en="The instalment seems to fit within your monthly budget.",
    ),
    Reason(
        code="purpose",
        adverse_fr="Les prêts pour le projet que vous indiquez ont été plus souvent difficiles à rembourser.",
        adverse_en="Loans for the purpose you name have more often been hard to repay.",
        favourable_fr="Les prêts pour le projet que vous indiquez sont le plus souvent bien remboursés.",
        favourable_en="Loans for the purpose you name are mostly repaid well.",
    ),
    Reason(
        code="employment",
        adverse_fr="Votre situation professionnelle nous semble encore peu établie pour ce prêt.",
        adverse_en="Your work situation does not look settled enough for this loan yet.",
        favourable_fr="Votre situation professionnelle parle en votre faveur.",
        favourable_en="Your work situation speaks in your favour.",
    ),
    Reason(
        code="assets",
        adverse_fr="Nous voyons peu de biens à votre nom, comme un logement, qui pourraient appuyer votre demande.",
        adverse_en="We see few assets in your name, such as a home, that could support your application.",
        favourable_fr="Votre logement ou vos biens appuient votre demande.",
        favourable_en="Your home or what you own supports your application.",
    ),
    Reason(
        code="other_debts",
        adverse_fr="Vos autres crédits et échéances pèsent sur cette demande.",
        adverse_en="Your other loans and instalments weigh on this application.",
        favourable_fr="Vos autres crédits et échéances laissent de la place à ce prêt.",
        favourable_en="Your other loans and instalments leave room for this loan.",
    ),
    Reason(
        code="guarantees",
        adverse_fr=(
            "Les garanties de ce prêt ne suffisent pas encore à nous rassurer ; un garant pourrait aider votre demande."
        ),
        adverse_en="The way this loan is guaranteed does not reassure us yet; a guarantor could help your application.",
        favourable_fr="Les garanties de ce prêt parlent en votre faveur.",
        favourable_en="The way this loan is guaranteed speaks in your favour.",
    ),
    Reason(
        code="stability",
        adverse_fr="Votre adresse ou vos coordonnées sont encore peu établies dans nos dossiers.",
        adverse_en="Your address or contact details are not yet well established in our records.",
        favourable_fr="Votre adresse et vos coordonnées sont bien établies.",
        favourable_en="Your address and contact details are well established.",
    ),
)
