"""Who of simulated applicants of Home Credit defaults: a made-up world, for simulations only."""

from __future__ import annotations

from credit_platform.portfolios.truth import Concept, Term, Truth

_TERMS = (
    Term(feature="application__goods_price__to_annuity__ratio", centre=19.1, spread=6.31, weight=-0.1),
    Term(
        feature="application__income__per_year_employed__amount",
        centre=36900.0,
        spread=37500.0,
        weight=0.09,
        missing=0.1,
    ),
    Term(feature="application__employment__to_age__ratio", centre=0.167, spread=0.142, weight=-0.22, missing=0.1),
    Term(feature="application__registration__to_age__ratio", centre=0.312, spread=0.202, weight=-0.11),
    Term(feature="application__identity_document__to_age__ratio", centre=0.193, spread=0.103, weight=-0.1),
    Term(feature="application__phone_change__years", centre=2.62, spread=2.04, weight=-0.1),
    Term(feature="application__car__age_to_age__ratio", centre=0.294, spread=0.287, weight=0.05, missing=-0.15),
    Term(feature="application__higher_education__flag", centre=0.246, spread=0.431, weight=-0.08),
    Term(feature="application__external_score__1_2__product", centre=0.262, spread=0.151, weight=-0.19, missing=0.05),
    Term(feature="application__external_score__2_3__product", centre=0.266, spread=0.144, weight=-0.15, missing=0.17),
    Term(
        feature="application__external_score__3__by_age__product", centre=22.6, spread=10.5, weight=-0.17, missing=-0.0
    ),
    Term(feature="application__external_score__all__by_goods_share__product", centre=0.474, spread=0.143, weight=-0.33),
    Term(feature="application__region__rating__score", centre=2.05, spread=0.515, weight=0.1),
    Term(feature="application__region__rating_with_city__score", centre=2.02, spread=0.506, weight=0.06),
    Term(feature="application__address__mismatches__count", centre=0.513, spread=0.936, weight=0.06),
    Term(feature="application__document_3__flag", centre=0.71, spread=0.454, weight=0.11),
    Term(feature="bureau__credits__card__share", centre=0.234, spread=0.246, weight=0.05, missing=-0.05),
    Term(feature="bureau__credits__microloan__count", centre=0.0481, spread=0.225, weight=0.1, missing=-0.05),
    Term(feature="bureau__credits__active_card__count", centre=0.501, spread=0.852, weight=0.06, missing=-0.05),
    Term(feature="bureau__credits__once_overdue__count", centre=0.482, spread=0.881, weight=0.1, missing=-0.05),
    Term(feature="bureau__credits__once_overdue__share", centre=0.108, spread=0.18, weight=0.11, missing=0.17),
    Term(feature="bureau__age__all__mean", centre=1140.0, spread=515.0, weight=-0.12, missing=-0.05),
    Term(feature="previous__applications__refused__count", centre=0.856, spread=1.32, weight=0.23, missing=-0.0),
    Term(feature="previous__applications__refused__share", centre=0.138, spread=0.182, weight=0.11, missing=-0.0),
    Term(feature="previous__applications__unused__count", centre=0.0622, spread=0.263, weight=0.12, missing=-0.0),
    Term(feature="previous__applications__walk_in__share", centre=0.0886, spread=0.173, weight=0.1, missing=-0.0),
    Term(feature="previous__applications__cross_sale__share", centre=0.274, spread=0.273, weight=-0.02, missing=-0.0),
    Term(feature="previous__applications__high_yield__share", centre=0.213, spread=0.254, weight=0.1, missing=-0.0),
    Term(feature="previous__applications__policy_reject__count", centre=0.529, spread=0.93, weight=0.07, missing=-0.0),
    Term(feature="previous__credit__approved__sum", centre=681000.0, spread=785000.0, weight=-0.13, missing=-0.0),
    Term(feature="previous__term__approved__sum", centre=44.0, spread=40.9, weight=-0.11, missing=-0.0),
    Term(feature="previous__annuity_share__all__mean", centre=0.0943, spread=0.0328, weight=0.06, missing=-0.17),
    Term(feature="previous__refused_to_approved__ratio", centre=0.314, spread=0.514, weight=-0.03, missing=0.0),
    Term(feature="pos_cash__late_share__all__mean", centre=0.0293, spread=0.0638, weight=0.08, missing=0.3),
    Term(feature="installments__early_days_12__all__sum", centre=113.0, spread=125.0, weight=-0.05, missing=-0.14),
    Term(feature="installments__worst_delay__all__mean", centre=7.73, spread=10.5, weight=0.06, missing=-0.14),
    Term(feature="installments__late_days_mean__last_3__mean", centre=0.905, spread=1.5, weight=0.12, missing=-0.14),
    Term(feature="cross__credit_experience__to_age__ratio", centre=0.118, spread=0.0518, weight=-0.03, missing=-0.05),
    Term(feature="cross__sources_with_history__count", centre=4.21, spread=1.12, weight=-0.21),
    Term(
        feature="cross__external_score__by_late_share__product", centre=0.46, spread=0.147, weight=-0.08, missing=-0.15
    ),
)

_SCORES = (
    "application__external_score__1_2__product",
    "application__external_score__2_3__product",
    "application__external_score__3__by_age__product",
    "application__external_score__all__by_goods_share__product",
    "cross__external_score__by_late_share__product",
)

TRUTH = Truth(
    source=(
        "Logistic regression on 24,601 generated applicants, rounded: simulated applicants default about as generated "
        "ones do. When they do so is made up, within the first instalments."
    ),
    intercept=-2.89,
    terms=_TERMS,
    timing=(0.08, 0.18, 0.24, 0.22, 0.16, 0.12),
    loss_share=0.45,
    concepts={
        "recession": Concept(
            meaning="everybody defaults more often, as if the odds had doubled; the ranking stays",
            intercept=0.7,
        ),
        "scores_bought": Concept(
            meaning="external scores say little any more, and those with a good one default as others do",
            intercept=0.3,
            times=dict.fromkeys(_SCORES, 0.0),
        ),
    },
)
