"""Drift: cells, counting, questions, verdicts, without Dagster."""
