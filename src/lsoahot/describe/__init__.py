"""Sentences from tables, each with the test that bears it."""
