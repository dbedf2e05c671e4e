"""The UN Global Compacts in data: tables, estimators and exhibits; knows nothing of how it is run."""
