"""Check of stories: candidates who got an answer, and candidates who got none although they clicked again."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests.factories.submissions import make_draft, make_filing
from tests.faults.failure_points import POINTS
from tests.faults.mailbox import Arrival, Mailbox
from tests.faults.outcome_check import FilingStory, StoryOutcome, _judge_one
from tests.faults.people import Person

if TYPE_CHECKING:
    from tests.faults.portal import Portal


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answered,insisted,said",
    [
        (False, False, []),  # one click on a server that died, without a second one
        (False, True, ["unanswered"]),
        (True, False, ["lost"]),
        (True, True, ["lost"]),
    ],
)
def test_a_candidate_who_clicks_again_gets_an_answer(
    *, answered: bool, insisted: bool, said: list[str]
) -> None:
    draft = make_draft()
    person = Person(port=1, draft_id=draft.pk, email="faute@exemple.invalid", path="/", cookies="", seen="")
    verdict = StoryOutcome()
    portal = cast("Portal", SimpleNamespace(mailbox=Mailbox()))
    _judge_one(portal, FilingStory(person, answered, insisted, POINTS[0], 0, 1), verdict, [])
    assert [line.partition(":")[0] for line in verdict.violations] == said


@pytest.mark.django_db
@pytest.mark.parametrize(
    "began,ended,said",
    [
        (90, 99, ["twice"]),
        (99, 101, []),
        (101, 103, []),  # the process had not recorded the mail that the server took before
        (107, 110, ["twice"]),
    ],
)
def test_a_duplicate_mail_is_excused_only_by_a_kill_between_the_two(
    began: float, ended: float, said: list[str]
) -> None:
    receipt = make_filing()
    email = receipt.filing.submission.candidate.email
    person = Person(port=1, draft_id=receipt.filing.draft_id, email=email, path="/", cookies="", seen="")
    verdict, mailbox = StoryOutcome(), Mailbox()
    mailbox.taken["<one@exemple.invalid>"] += [Arrival(email, 100), Arrival(email, 106)]
    portal = cast("Portal", SimpleNamespace(mailbox=mailbox))
    story = FilingStory(person, answered=True, insisted=False, point=POINTS[0], began=80, ended=89)
    _judge_one(portal, story, verdict, [(began, ended, "a kill")])
    kinds = [line.partition(":")[0] for line in verdict.violations]
    assert [kind for kind in kinds if kind != "lost"] == said
