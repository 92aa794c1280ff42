"""Parts of the world that a module makes once, as fixtures of their own."""

from typing import Any

import pytest


def copy_of(name: str) -> Any:
    """Return a fixture: what the module's `made` has under that name, in a copy that the test may change."""

    @pytest.fixture(name=name)
    def copied(kept: Any) -> Any:
        return getattr(kept, name)

    return copied
