"""Tests of credit_platform.monitoring.exporter."""
