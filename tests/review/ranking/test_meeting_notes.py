"""Meeting notes on a ranking: added by deciders, never changed, hidden from users who may not read the ranking."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.review.access.errors import InConflictError, OwnSubmissionError
from intake.review.committees.operations import add_committee_member
from intake.review.models import MeetingNote
from intake.review.ranking.operations import EmptyNoteError, add_meeting_note
from offers.models import Offer
from tests.factories.people import client_of, give_role, make_staff
from tests.factories.review import make_assessment, make_conflict, make_filed, make_reviewer
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


def page_of(offer: Offer) -> str:
    return reverse("review:ranking", args=[offer.number])


def test_a_note_is_added_once_displayed_and_entered_in_the_journal(offer: Offer) -> None:
    make_filed(offer)
    author = make_staff()
    client = client_of(author)
    asked = {"text": "Le dossier 2 passe devant : <b>voir</b>\r\nla lettre."}
    done = client.post(f"{page_of(offer)}?tri=mediane", asked)
    assert done.headers["Location"] == f"{page_of(offer)}?tri=mediane#notes"
    client.post(page_of(offer), asked)
    note = MeetingNote.objects.get()
    assert (note.author, note.offer, note.text) == (
        author,
        offer,
        "Le dossier 2 passe devant : <b>voir</b>\nla lettre.",
    )
    read = client_of(make_staff()).get(page_of(offer)).content.decode()
    assert "&lt;b&gt;voir&lt;/b&gt;" in read
    assert str(author) in read
    entry = Entry.objects.get(action="MEETING_NOTE_ADDED")
    assert (entry.actor, entry.subject_id, entry.detail) == (author, str(offer.public_id), "")
    client.post(page_of(offer), {"text": "Une seconde."})
    read = client.get(page_of(offer)).content.decode()
    assert read.index("Une seconde.") < read.index("&lt;b&gt;voir"), "the latest note is first"


@pytest.mark.parametrize(
    "text, words", [("  ", "Inscrivez l’observation avant de l’ajouter"), ("a" * 4001, "Ce texte a")]
)
def test_a_refused_note_is_displayed_again(offer: Offer, text: str, words: str) -> None:
    answer = client_of(make_staff()).post(page_of(offer), {"text": text})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert words in shown
    assert f">{text.strip()}</textarea>" in re.sub(r">\s+", ">", shown)
    assert not MeetingNote.objects.exists()


def test_users_who_may_not_read_the_ranking_neither_read_nor_add_notes(offer: Offer) -> None:
    hidden = make_filed(offer)
    add_meeting_note(offer=offer, author=make_staff(), text="Le dossier caché est faible.")
    conflicted = make_staff()
    make_conflict(hidden, conflicted)
    sitting = make_staff()
    add_committee_member(offer=offer, reviewer=sitting)
    make_assessment(hidden, make_reviewer(offer), 2)
    assert "faible" in client_of(make_staff()).get(page_of(offer)).content.decode()
    for person in (conflicted, sitting):
        client = client_of(person)
        answers = client.get(page_of(offer)), client.post(page_of(offer), {"text": "Vu."})
        assert "L’observation n’est pas ajoutée" in answers[1].content.decode()
        for answer, refused in zip(answers, (False, True), strict=True):
            text = answer.content.decode()
            assert "Observations de réunion" in text
            assert "faible" not in text
            assert (answer.status_code == 422) is refused
            assert ('name="text"' in text) is refused
            assert ("Vu.</textarea>" in text) is refused  # the typed text is kept
    give_role(user=hidden.candidate, role=Role.STAFF)
    own = User.objects.get(pk=hidden.candidate_id)
    for person, refusal in (
        (conflicted, InConflictError),
        (own, OwnSubmissionError),
        (make_reviewer(offer), PermissionDenied),
    ):
        with pytest.raises(refusal):
            add_meeting_note(offer=offer, author=person, text="Vu.")
    with pytest.raises(EmptyNoteError):
        add_meeting_note(offer=offer, author=make_staff(), text=" \n")
    assert MeetingNote.objects.count() == 1
