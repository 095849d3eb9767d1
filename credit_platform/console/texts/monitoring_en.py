"""The page Monitoring in English."""

from __future__ import annotations

from typing import Final

MONITORING: Final[dict[str, str]] = {
    "page_monitoring": "Monitoring",
    "monitoring_intro": "What is decided now, how fast, whether applicants still look like those of training, and what "
    "is wrong.",
    # Refreshing
    "refresh_every": "Refresh every",
    "refresh_never": "not by itself",
    "refresh_seconds": "{count} {count:second|seconds}",
    "refresh_minutes": "{count} minutes",
    "refresh_minute": "minute",
    "refresh_now": "Refresh now",
    "refreshed": "Refreshed at {moment} ({zone}); again every {every}.",
    "refreshed_only": "Refreshed at {moment} ({zone}); the page does not refresh itself.",
    "window": "Decisions of",
    "window_1": "today",
    "window_days": "the last {count} days",
    "part_unreadable": "This part cannot be read: {why}",
    # Figures
    "mon_decisions": "Decisions",
    "mon_acceptance": "Acceptance rate",
    "mon_acceptance_help": "Share accepted of all decisions, those for review among them. Of the holdout, which no "
    "training saw, the model in use accepts {holdout}.",
    "mon_acceptance_help_alone": "Share accepted of all decisions, those for review among them.",
    "mon_time_p50": "Time, p50",
    "mon_time_p95": "Time, p95",
    "mon_latency_help": "From the request's head to the moment when the decision is handed to the decision log, as the "
    "log says: half of the decisions took less than the first figure, 95% less than the second.",
    "mon_errors": "Error rate",
    "mon_errors_help": "Share of scoring requests answered with a 5xx by the service's own fault, since its process "
    "started.",
    "milliseconds": "{value} ms",
    "mon_simulated": "Simulated requests are included. Days and times are {zone}; the figures come from the decision "
    "log.",
    "mon_cut": "There are more decisions than can be shown here: the figures begin on {moment} ({zone}).",
    "mon_reading": "Older decisions are still being read: so far the figures begin on {moment} ({zone}). Each refresh "
    "brings more.",
    # Why there is nothing
    "none_no_model": "No decision about this portfolio has been recorded, and it has no model in use. First build one: "
    "`credit-platform run {portfolio}`. Then `credit-platform up` starts its service.",
    "none_no_service": "No decision about this portfolio has been recorded, and no scoring service of it runs. Start "
    "it: `credit-platform up`, or `credit-platform serve {portfolio}`. Then ask for a decision on the page Applicant.",
    "none_yet": "No decision about this portfolio has been recorded yet. Ask for one on the page Applicant, or send "
    "made-up applicants: `credit-platform simulate --portfolio {portfolio}`.",
    "none_in_window": "No decision in this time. The newest one is of {moment} ({zone}): choose a longer time.",
    "none_in_window_old": "No decision in this time, nor in any other that can be chosen. The newest one is of "
    "{moment} ({zone}).",
    "service_none": "No scoring service of this portfolio runs, so there is neither error rate nor time of the model. "
    "Start it: `credit-platform up`, or `credit-platform serve {portfolio}`.",
    "service_none_no_model": "No scoring service of this portfolio can run, because it has no model in use. Build one: "
    "`credit-platform run {portfolio}`.",
    "service_scope": "The service runs, but this console's key may not read its metrics: that takes a key of the scope "
    "admin (`credit-platform keys create`), in CREDIT_PLATFORM_CONSOLE_API_KEY.",
    "service_silent": "The metrics of the service cannot be read, so there is neither error rate nor time of the "
    "model. {why}",
    # Service
    "mon_service": "Service",
    "mon_service_since": "As the service's own metrics say, since its process started on {moment} ({zone}). A new "
    "model "
    "comes with a new process.",
    "mon_service_since_unknown": "As the service's own metrics say, since its process started.",
    "mon_requests": "Scoring requests",
    "mon_requests_help": "Requests that decide or explain, answered since the process started; {refused} of them were "
    "refused as wrong (4xx).",
    "mon_no_request": "It has not answered a scoring request yet.",
    "mon_answer_p50": "Answer, p50",
    "mon_answer_p95": "Answer, p95",
    "mon_answer_help": "From the request's head to the end of the answer, of requests about one applicant: half took "
    "less than p50, 95% less than p95. Read from the buckets of a histogram, so nearly.",
    "mon_model_p50": "Model, p50",
    "mon_model_p95": "Model, p95",
    "mon_model_help": "Inference alone: one call of the model, from feature values to scores. Read from the buckets of "
    "a histogram, so nearly.",
    # Incidents
    "mon_incidents": "Active alerts",
    "incidents_none": "Nothing is known to be wrong.",
    "incidents_never": "Nothing was ever noted to be wrong in this home. Failures are noted by every run, and while "
    "`credit-platform up` runs also by its watcher, which takes Prometheus' alerts too.",
    "incidents_unreadable": "What is wrong cannot be read: {why}",
    "incidents_caption": "Of the whole platform, the newest first; {zone}, in the words in which they are told.",
    "incident_since": "since {moment} (times seen: {times})",
    "column_severity": "Severity",
    "severity_error": "Error",
    "severity_warning": "Warning",
    "column_title": "What",
    "column_message": "Details",
    "column_opened": "Since",
    "column_seen": "Last seen",
    "column_times": "Times seen",
    "column_owner": "Owner",
    "column_link": "Where to look",
    # Over time
    "mon_over_time": "Decisions over time",
    "mon_over_time_alt": "Bars: decisions {by}, by what was decided; {count} in all.",
    "by_hour": "by hour",
    "by_day": "by day",
    "mon_rate_over_time": "Acceptance rate over time",
    "mon_rate_alt": "Line: share accepted {by}, from {low} to {high}.",
    "mon_rate_holdout": "holdout",
    "mon_latency_over_time": "Time of decision over time",
    "mon_latency_alt": "Two lines: time of decision {by}, median and 95th hundredth; the latter at most {high}.",
    "mon_p50": "p50",
    "mon_p95": "p95",
    "mon_milliseconds": "Milliseconds",
    "column_period": "Time",
    "column_decisions": "Decisions",
    "column_accepted": "Accepted",
    "column_refused": "Refused",
    "column_review": "For review",
    "column_acceptance": "Acceptance rate",
    "column_p50": "p50 (ms)",
    "column_p95": "p95 (ms)",
    # Scores
    "mon_scores": "Scores in production and of the holdout",
    "mon_scores_caption": "{decisions} {decisions:decision|decisions} of the model in use ({version}), mean risk "
    "{production_mean}; "
    "{holdout} {holdout:applicant|applicants} of the holdout, mean risk {holdout_mean}.",
    "mon_scores_others": "Decisions of other models that are left out: {count}.",
    "mon_scores_none": "The model in use ({version}) has decided about nobody in this time: there are no scores to "
    "compare with its holdout.",
    "mon_scores_no_model": "This portfolio has no model in use, so there is no holdout to compare with: "
    "`credit-platform run {portfolio}`.",
    "mon_scores_no_holdout": "The model in use was stored without scores of a holdout.",
    "mon_scores_alt": "Distribution of the risk: share of decisions and of the holdout in each twentieth.",
    "in_production": "production",
    "in_holdout": "holdout",
    "share_of_applicants": "Share",
    "column_range": "Risk",
    "column_production": "Production",
    "column_holdout": "Holdout",
    # Drift
    "mon_drift": "Drift",
    "drift_never_run": "Drift has not been judged yet. While `credit-platform up` runs that happens every night at "
    "three; now: `credit-platform run {portfolio} --monitoring`.",
    "drift_no_decision": "Drift is judged of decisions, and none about this portfolio has been recorded.",
    "drift_nobody": "When drift was last judged there was no decision to judge. It is judged again every night while "
    "`credit-platform up` runs; now: `credit-platform run {portfolio} --monitoring`.",
    "drift_not_counted": "The decisions that were read are those of models of which nothing was frozen to compare "
    "with. It is frozen of the model in use, for its next decisions, by: `credit-platform run {portfolio} "
    "--monitoring`.",
    "drift_of_day": "Day {day}, judged on {moment} ({zone}), on decisions of model {model}.",
    "drift_level_stable": "Stable: no feature drifted.",
    "drift_level_watch": "To be watched: {drifted} of {features} {features:feature|features} drifted, with {score} of "
    "the model's "
    "importance.",
    "drift_level_retrain": "Consider a retraining: {drifted} of {features} {features:feature|features} drifted, with "
    "{score} of the "
    "model's importance.",
    "drift_level_too few": "Too few decisions to compare any feature: {decisions} in 28 days.",
    "drift_level_nothing": "No feature has values that could be compared, of {decisions} "
    "{decisions:decision|decisions} in 28 days.",
    "level_stable": "stable",
    "level_watch": "to be watched",
    "level_retrain": "consider a retraining",
    "level_too few": "too few decisions",
    "drift_incidents": "The feed of features broke ({count}): {names}. That is a data incident, to be mended before "
    "anything is trained.",
    "drift_consequence": "Stability index (PSI) of the score: {psi}. Share that the model's rule accepts: {before} of "
    "the applicants that it is compared with, {now} now.",
    "drift_newer": "Decisions made since, which are not judged yet: {count}.",
    "drift_over_time_alt": "Line: share of the model's importance that drifted, by day, of {count} {count:day|days}.",
    "drift_share": "Importance that drifted",
    "drift_limit": "alert",
    "drift_psi_alt": "Bars: stability index of {count} {count:feature|features}, those that drifted ({drifted}) and "
    "the most "
    "important.",
    "drift_psi": "Stability index (PSI)",
    "drift_material": "material",
    "drift_feature": "Feature",
    "drift_feature_choice": "Look at a feature",
    "drift_feature_alt": "Shares of {feature} in its groups: reference and now.",
    "drift_feature_gone": "What this feature looked like when the model was made is not stored any more.",
    "drift_before": "reference",
    "drift_now": "now",
    "drift_missing": "missing",
    "drift_unseen": "never learnt from",
    "drift_state": "State",
    "drift_state_incident": "feed broke",
    "drift_state_drifted": "drifted",
    "drift_state_other": "not drifted",
    "verdict_stable": "stable",
    "verdict_moved": "moved",
    "verdict_too few": "too few",
    "verdict_missing": "missing",
    "verdict_new category": "new category",
    "verdict_constant": "constant",
    "column_verdict": "Verdict",
    "column_importance": "Importance",
    "column_psi": "PSI",
    "column_p_adjusted": "p (Holm)",
    "column_days": "Days",
    "column_missing_before": "Missing in the reference",
    "column_missing_now": "Missing now",
    "page_of_drift": "Drift page",
    "page_of_evidently_report": "Evidently's report",
    "page_of_population_shift": "Population shift",
    "page_of_performance": "Performance page",
    "page_caption": "Whole pages, to be opened in a browser; copies lie in {places}.",
    "page_none": "Neither the drift page nor Evidently's report has been written yet. Both are made by "
    "`credit-platform run {portfolio} --monitoring`, once there is somebody to compare.",
    # Outcomes
    "mon_outcomes": "Outcomes",
    "outcomes_never_run": "How the model does has not been measured yet. While `credit-platform up` runs that happens "
    "every night; now: `credit-platform run {portfolio} --monitoring`.",
    "outcomes_no_decision": "Outcomes are those of decisions, and none about this portfolio has been recorded.",
    "outcomes_none": "No outcome of a granted loan is known. Drop the files of the lender into {folder}; they count "
    "when `credit-platform run {portfolio} --monitoring` runs, or at night while `credit-platform up` does.",
    "outcomes_immature": "Outcomes are known (of {loans} {loans:loan|loans}), but no month of the model in use is old "
    "enough to be "
    "judged: that takes {months} months.",
    "outcomes_mature": "{mature} mature {mature:outcome|outcomes} of the model in use, {defaults} of them "
    "{defaults:a default|defaults}.",
    "outcomes_synthetic": "A simulation made outcomes up.",
    "outcomes_measured": "measured",
    "outcomes_expected": "expected",
    "outcomes_yardstick": "among the holdout's accepted",
    "column_figure": "Figure",
    "column_basis": "Basis",
    "column_value": "Value",
    "figure_auc": "Separation (AUC)",
    "figure_default_rate": "Default rate",
    "figure_brier": "Brier score",
    "figure_cost_per_applicant": "Cost per applicant",
    "figure_acceptance_rate": "Acceptance rate",
    # Recent decisions and files
    "mon_recent": "Recent decisions",
    "mon_recent_caption": "Decisions shown, the newest first ({zone}): {count}. The page Decisions opens one by its "
    "request.",
    "column_latency": "Time (ms)",
    "figures_and_files": "Figures and files: {name}",
    "as_csv_of": "Save “{name}” as CSV",
    "as_parquet_of": "Save “{name}” as Parquet",
}
