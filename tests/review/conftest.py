"""Worlds that a module of tests makes once and only reads, or undoes after each test."""

import pytest

from tests.review.committees_world import World, make_world
from tests.review.doing import Committee, make_committee


@pytest.fixture(scope="module")
def committee(module_db: None) -> Committee:
    """One committee for the whole module; each call is undone at once."""
    return make_committee()


@pytest.fixture(scope="module")
def world(module_db: None) -> World:
    """Two committees at work for the whole module: its tests write nothing."""
    return make_world()
