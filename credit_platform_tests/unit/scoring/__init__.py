"""Tests of credit_platform.scoring."""
