"""What stands between a trained model and a customer: evidence, documents, the promotion gate and its history.

What is here:
    evidence    `explanations` (with `explanation_plots`, `explanation_report`), `fairness` (with
                `fairness_alternatives`, `fairness_omission`, `attributes`), `stability`, `independence`, `parity`,
                `sensitivity`, `scorecard`, `reason_review`, `reason_truth` (with `raw_rows`): facts of a scorer;
                `soundness` and `fairness_review` put those of one question together, on the applicants that `subject`
                chooses; `swap_set`: whom it would decide about otherwise than the champion.
    documents   `document` (figures that remember their table), `model_card`, `validation_report`, `shared_sections`,
                `heads` (what stands at the head of each), `reason_section` and `approval_section` of both,
                `threshold_decision` (of `threshold_facts`), `duties` (AI Act and GDPR); pages are in `templates/`,
                `kept_documents` stores them, `release` puts them into one archive; `model_page` is the model in
                production on one page.
    the gate    `gate` judges a challenger by its out-of-sample `evidence` and its `assurance`, which `gate_input` takes
                out of stored tables, and answers with a `decision` that says who, when, what and why; `approval` says
                whether a person must say yes, and who may;
                `promotion_history` reads those, `promotion_acts` lets a person speak; `registration` says what the
                registry is told; `retention` keeps the versions that a champion stands on, `expiry` removes what may be
                kept no longer, and `superseded` and `superseded_versions` (in the registry) say which models those are.
    records     `records`: what each table of governance, and that of champions, says beside its rows.
What to add here: a measured fact with the check of the gate that reads it; a section of a document.
What must not be here: training (but for `fairness_alternatives`, for comparison), choosing among candidates
(`modelling`), acting on a decision (`orchestration`), Dagster, MLflow.
"""
