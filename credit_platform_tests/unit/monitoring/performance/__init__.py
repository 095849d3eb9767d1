"""Tests of credit_platform.monitoring.performance."""
