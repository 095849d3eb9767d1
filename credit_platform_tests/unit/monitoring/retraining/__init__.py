"""Tests of the decision to train again."""
