"""Drift: do the applicants who come still look like those whom the model learnt from?

Three questions are asked of each feature and of the score, because no single test answers them (ADR 0026): is the
difference certain, is it material, is it consequential? All are answered from counts in cells that were frozen when the
model was made, so that any window of days is a sum.

What is here: `cells.py` (the frozen cells of one feature), `reference.py` (all of a model, as object and as table),
`training.py` (a reference made from a scorer and its rows), `counting.py` (decisions to daily counts), `windows.py`
(days to windows, broken feeds left out), `questions.py` (KS, chi-square, Holm, PSI over all features at once),
`feeds.py` (a feature that lost its values), `verdicts.py` (a word for each feature), `drift.py` (everything said of a
day), `mature_outcomes.py` and `target.py` (default rates), `advice.py` (what to do). For the tables of monitoring:
`freezing.py`, `days.py`, `population_shift.py`, `records.py`, `judges.py`. For people: `charts.py`, `page.py`,
`evidently_page.py`, `evidently_report.py`.
What to add here: another question; another picture of the counts.
What must not be here: dagster, another PSI than `quality.stability_index`, reading decision logs or files of outcomes,
deciding on a retraining.

Sources: N. Siddiqi, Credit Risk Scorecards (2006), chapters 8 and 9 (PSI); B. Yurdakul, Statistical Properties of
Population Stability Index (2018) (PSI of two samples of one population is about chi-square with bins - 1 degrees of
freedom, over n); S. Holm, A Simple Sequentially Rejective Multiple Test Procedure (1979).
"""
