"""What every test may use: the helper modules beside the tests are importable."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
# Before any test imports them: they are plugins too, with fixtures and assertions of their own.
pytest.register_assert_rewrite("helpers_office", "helpers_public", "helpers_web")

# The same examples in every run: a red run is about the change at hand; `make fuzz` is for looking further.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
