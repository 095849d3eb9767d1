"""Tests of the platform, in the same folder shape as the packages they test."""
