"""Files are inspected and joined in this process: these tests check what becomes of them, and the pages."""

from collections.abc import Iterator

import pytest

from tests.documents.in_process import inspect_in_process


@pytest.fixture(autouse=True)
def inspected_here() -> Iterator[None]:
    with inspect_in_process():
        yield
