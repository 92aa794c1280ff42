"""What waits in the outbox is not sent once it is overtaken, and is sent where it is not: a row for every kind."""

from typing import Any

import pytest
from django.core import mail

from intake.outbox import kinds
from intake.review.models import ShortlistExport
from intake.submissions.models import Transition
from tests.house.lapses import LAPSES, NEVER

pytestmark = pytest.mark.django_db


def _done() -> tuple[int, int, int]:
    """Count all that these kinds do to others: mails that left, moves made, files written."""
    return len(mail.outbox), Transition.objects.count(), ShortlistExport.objects.count()


def _cases(name: str) -> list[Any]:
    return [
        pytest.param(kind, condition, id=f"{kind}: {condition}")
        for kind, row in LAPSES.items()
        for condition in getattr(row, name)
    ]


def test_every_kind_says_what_lets_it_lapse_or_why_nothing_does() -> None:
    assert sorted([*LAPSES, *NEVER]) == sorted(kind.code for kind in kinds.registered())
    assert all(NEVER.values())


@pytest.mark.parametrize("kind", LAPSES)
def test_what_nothing_overtook_is_sent(kind: str) -> None:
    waiting = LAPSES[kind].begin()
    assert waiting.delivery.kind == kind
    before = _done()
    waiting.do()
    assert sum(_done()) == sum(before) + 1


@pytest.mark.parametrize("kind, condition", _cases("lapses"))
def test_what_is_overtaken_is_not_sent(kind: str, condition: str) -> None:
    waiting = LAPSES[kind].begin()
    LAPSES[kind].lapses[condition](waiting)
    before = _done()
    waiting.do()
    assert _done() == before


@pytest.mark.parametrize("kind, condition", _cases("holds"))
def test_what_still_holds_is_sent(kind: str, condition: str) -> None:
    waiting = LAPSES[kind].begin()
    LAPSES[kind].holds[condition](waiting)
    before = _done()
    waiting.do()
    assert sum(_done()) == sum(before) + 1
