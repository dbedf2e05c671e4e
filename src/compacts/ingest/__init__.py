"""Builders from raw public files to tidy tables: pure functions of paths and frames, one a subject.

Each returns a dict of frames by table name, typed and sorted as ``data/datapackage.json`` describes them, with a log of
the rows that came in, were kept and were dropped, by reason. `compendium.toml` says which raw files each one takes.
"""
