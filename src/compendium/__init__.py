"""Runs a research compendium; knows nothing of its subject."""
