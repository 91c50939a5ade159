"""What holds for every test: properties are held for as long as they take, for timings here are noisy."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
