"""Tests of credit_platform.monitoring.outcomes."""
