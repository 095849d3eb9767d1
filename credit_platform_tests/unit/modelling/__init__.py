"""Tests of credit_platform.modelling."""
