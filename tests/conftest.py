"""Property tests draw the same examples on every machine, and take the time they take: a busy machine fails nobody."""

from hypothesis import settings

settings.register_profile("compendium", deadline=None, derandomize=True)
settings.load_profile("compendium")
