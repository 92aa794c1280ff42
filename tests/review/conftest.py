"""Worlds that a module of tests makes once and only reads, or undoes after each test."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.review.committees_world import World, make_world
from tests.review.doing import Committee, make_committee


@pytest.fixture(scope="module")
def committee(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Committee]:
    """One committee for the whole module, undone after it; each call is undone at once."""
    del django_db_setup
    cache.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_committee()
        transaction.set_rollback(True)
    cache.clear()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Two committees at work for the whole module, undone after it: its tests write nothing."""
    del django_db_setup
    cache.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)
    cache.clear()
