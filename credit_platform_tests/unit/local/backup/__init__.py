"""Backups of a home."""
