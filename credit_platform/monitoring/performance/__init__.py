"""How the model does on those it decided about: against known outcomes, and before there are any.

What is here: decisions joined with outcomes and cut into vintages (`followed.py`), the figures of a group of loans
(`measures.py`), the test of a rate (`jeffreys.py`), bands of points (`bands.py`), vintages at the same age
(`curves.py`), how true probabilities are (`recalibration.py`), what to expect before
outcomes (`expected.py`), what refused applicants could change (`bounds.py`), and
all of it together for one portfolio (`report.py`), drawn (`charts.py`), written as a page (`page.py`), recorded
(`records.py`), told as checks (`judges.py`).
What to add here: another figure of decisions and outcomes, in the module of its kind.
What must not be here: dagster; reading files of outcomes (`monitoring/outcomes`); a metric of its own
(`modelling/metrics.py`); the truth of a simulation.
"""
