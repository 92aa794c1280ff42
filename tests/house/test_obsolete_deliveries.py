"""An obsolete delivery is not performed, and a similar one that is not obsolete is: cases for every kind."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from django.core import mail
from django.db import transaction

from intake.outbox import kinds
from intake.review.models import ShortlistExport
from intake.submissions.models import Transition
from tests.house.delivery_scenarios import Waiting
from tests.house.obsolescence_cases import NEVER_OBSOLETE, OBSOLESCENCE_CASES

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of delivery of a case."""
    return str(request.param)


@pytest.fixture(scope="module")
def begun(module_db: None, kind: str) -> Iterator[Waiting]:
    """A pending delivery of this kind, made once: pytest runs the cases of one kind one after the other."""
    with transaction.atomic():
        yield OBSOLESCENCE_CASES[kind].begin()
        transaction.set_rollback(True)


@pytest.fixture
def waiting(begun: Waiting) -> Waiting:
    """The delivery of this test."""
    return deepcopy(begun)


def _done() -> tuple[int, int, int]:
    """Count the effects of these kinds: mails sent, transitions, files written."""
    return len(mail.outbox), Transition.objects.count(), ShortlistExport.objects.count()


class Case(NamedTuple):
    """One condition of a kind. No two are equal: pytest then groups cases by kind only."""

    kind: str
    condition: str


def _cases(name: str) -> list[Any]:
    """Return the cases. Unless it is exhaustive, each condition once, and at least one of each kind."""
    cases, known = [], set[str]()
    for kind, row in OBSOLESCENCE_CASES.items():
        conditions = list(getattr(row, name))
        kept = [condition for condition in conditions if condition not in known] or conditions[:1]
        known.update(kept)
        cases += [
            pytest.param(
                Case(kind, condition),
                kind,
                id=f"{kind}: {condition}",
                marks=() if condition in kept else pytest.mark.full,
            )
            for condition in conditions
        ]
    return cases


def test_every_kind_has_obsolescence_cases_or_a_reason_for_none() -> None:
    assert sorted([*OBSOLESCENCE_CASES, *NEVER_OBSOLETE]) == sorted(kind.code for kind in kinds.registered())
    assert all(NEVER_OBSOLETE.values())


@pytest.mark.parametrize("kind", OBSOLESCENCE_CASES, indirect=True)
def test_a_delivery_without_later_changes_is_performed(waiting: Waiting, kind: str) -> None:
    assert waiting.delivery.kind == kind
    before = _done()
    waiting.do()
    assert sum(_done()) == sum(before) + 1


@pytest.mark.parametrize("case, kind", _cases("lapses"), indirect=["kind"], scope="module")
def test_an_obsolete_delivery_is_not_performed(waiting: Waiting, case: Case) -> None:
    OBSOLESCENCE_CASES[case.kind].lapses[case.condition](waiting)
    before = _done()
    waiting.do()
    assert _done() == before


@pytest.mark.parametrize("case, kind", _cases("holds"), indirect=["kind"], scope="module")
def test_a_delivery_that_is_not_obsolete_is_performed(waiting: Waiting, case: Case) -> None:
    OBSOLESCENCE_CASES[case.kind].holds[case.condition](waiting)
    before = _done()
    waiting.do()
    assert sum(_done()) == sum(before) + 1
