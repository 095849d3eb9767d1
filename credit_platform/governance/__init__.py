"""What stands between a trained model and a customer: evidence, documents, the promotion gate and its history.

What is here:
    evidence    `explanations` (with `explanation_plots`, `explanation_report`), `fairness` (with
                `fairness_alternatives`), `stability`, `independence`, `parity`, `scorecard`, `reason_review`: facts of
                a scorer;
                `swap_set`: whom it would decide about otherwise than the champion.
    documents   `document` (figures that remember their table), `model_card`, `validation_report`,
                `threshold_decision`, `duties` (AI Act and GDPR); pages are in `templates/`.
    the gate    `gate` judges a challenger by its out-of-sample `evidence` and its `assurance`, and answers with a
                `decision` that says who, when, what and why; `promotion_history` reads those and lets a person speak;
                `retention` keeps the versions that a champion stands on.
What to add here: a measured fact with the check of the gate that reads it; a section of a document.
What must not be here: training (but for `fairness_alternatives`, for comparison), choosing among candidates
(`modelling`), acting on a decision (`orchestration`), Dagster, MLflow.
"""
