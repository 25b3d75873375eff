"""Settings of the test tools that `pyproject.toml` cannot hold."""

from hypothesis import settings

# The same examples on every machine and in every run; a slow machine is no failure.
settings.register_profile("vetsim", derandomize=True, deadline=None)
settings.load_profile("vetsim")
