"""What is said of people's stories: whoever was told something, and whoever was not though they insisted."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.factories.submissions import make_draft
from tests.faults.mailbox import Mailbox
from tests.faults.people import Answer, Person
from tests.faults.points import POINTS
from tests.faults.truth import Filed, Verdict, _judge_one

if TYPE_CHECKING:
    from tests.faults.portal import Portal


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answered,insisted,said",
    [
        (False, False, []),  # they clicked once, on a server that died, and gave up
        (False, True, ["unanswered"]),
        (True, False, ["lost"]),
        (True, True, ["lost"]),
    ],
)
def test_somebody_who_insists_is_answered(*, answered: bool, insisted: bool, said: list[str]) -> None:
    draft = make_draft()
    person = Person(port=1, draft_id=draft.pk, email="faute@exemple.invalid", path="/", cookies="", seen="")
    verdict = Verdict()
    portal = cast("Portal", SimpleNamespace(mailbox=Mailbox()))
    _judge_one(portal, Filed(person, answered, insisted, POINTS[0], 0, 1), verdict, [])
    assert [line.partition(":")[0] for line in verdict.violations] == said


def test_what_was_killed_is_started_again_while_somebody_insists(monkeypatch: pytest.MonkeyPatch) -> None:
    up: list[bool] = []

    def file(_person: Person, **_options: Any) -> Answer:
        return Answer(302 if up else 0, bool(up), 0.0)

    monkeypatch.setattr(Person, "file", file)
    person = Person(port=1, draft_id=1, email="", path="/", cookies="", seen="")
    assert not person.insist(seconds=0.1).is_receipt
    assert person.insist(seconds=0.1, meanwhile=lambda: up.append(True)).is_receipt
