"""Requesting a complement on the file's page: typed text is kept, the mail is previewed, and is sent once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.outbox import tasks
from intake.outbox.models import Delivery, Message
from intake.review.access.errors import AnonymousReviewError, NotOnCommitteeError
from intake.review.access.visibility import visible_submissions
from intake.review.claims.operations import claim_file
from intake.review.committees.operations import start_anonymous_review
from intake.review.complements.panel import changed_between
from intake.review.moves.operations import move_as_reviewer, request_complement_as_reviewer
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import ComplementRequest, Draft, Submission
from intake.submissions.states import Action, State
from offers.models import Offer
from tests.factories.complements import (
    WORDS,
    close_after_filings,
    complement_content,
    expire_request,
    file_answer,
    make_filed_and_closed,
    request_complement_for,
    start_answer,
)
from tests.factories.decisions import make_batch
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_conflict, make_filed, make_filed_for_review, make_reviewer
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_open_offer
from tests.review.conftest import Received
from tests.review.reading import plain_page
from tests.submissions.lost_files import erase_every_seal

pytestmark = pytest.mark.django_db


def _url(submission: Submission, name: str = "complement") -> str:
    return reverse(f"review:{name}", args=[submission.public_id])


def _typed(submission: Submission, **changes: Any) -> dict[str, Any]:
    asked = complement_content(submission)
    return {
        "words": WORDS,
        "documents": [row.pk for row in asked.documents],
        "sections": ["etudes"],
        "due_on": asked.due_on.isoformat(),
        "version": submission.version,
        "despite": "",
        "letter": "",
        "acte": "lire",
    } | changes


def _read(client: Client, submission: Submission, **changes: Any) -> tuple[str, dict[str, Any]]:
    """Preview the mail. Return the page and the data that its button sends."""
    typed = _typed(submission, **changes)
    page = plain_page(client.post(_url(submission), typed))
    digest = re.search(r'name="letter" value="([0-9a-f]{64})"', page)
    assert digest is not None, page
    return page, typed | {"letter": digest[1], "acte": "envoyer"}


@pytest.fixture(scope="module")
def read_once(made_once: Received) -> tuple[str, dict[str, Any]]:
    """The preview of the mail for a staff member, requested once for the tests that then send it."""
    return _read(client_of(made_once.staff), made_once.filed)


# -- The page -------------------------------------------------------------------------------------------------------
def test_the_previewed_mail_is_the_one_that_is_sent(filed: Submission, staff: User, fresh_page: Any) -> None:
    client = client_of(staff)
    assert "Demander un complément…" in plain_page(fresh_page)
    first = plain_page(client.get(_url(filed)))
    assert "Lire le courriel avant l’envoi" in first
    assert "Envoyer la demande" not in first
    page, sent = _read(client, filed)
    assert "Envoyer la demande" in page
    assert WORDS.replace("\u00a0", " ") in page
    assert not ComplementRequest.objects.exists(), "reading asks nothing"
    answer = client.post(_url(filed), sent, follow=True)
    asked = ComplementRequest.objects.get()
    assert (asked.asked_by, asked.sections) == (staff, ["etudes"])
    assert "Nous envoyons la demande par courriel" in plain_page(answer)
    tasks.deliver(Delivery.objects.get(kind="COMPLEMENT_REQUEST_MAIL").pk)
    shown = re.search(r'<div class="decision-letter"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert shown is not None
    mailed = Message.objects.get(delivery__kind="COMPLEMENT_REQUEST_MAIL").text
    assert " ".join(mailed.replace("\u00a0", " ").split())[:400] in " ".join(
        shown[1].replace("&#x27;", "'").replace("&amp;", "&").split()
    )


def test_a_request_sent_twice_is_stored_once(
    filed: Submission, staff: User, read_once: tuple[str, dict[str, Any]]
) -> None:
    client, (_page_read, sent) = client_of(staff), read_once
    for _time in range(2):
        answer = client.post(_url(filed), sent, follow=True)
        assert "Nous envoyons la demande par courriel" in plain_page(answer)
    assert ComplementRequest.objects.count() == 1


def test_a_text_changed_since_the_preview_is_previewed_again(
    filed: Submission, staff: User, read_once: tuple[str, dict[str, Any]]
) -> None:
    client, (_page_read, sent) = client_of(staff), read_once
    answer = client.post(_url(filed), sent | {"words": "Autre chose manque."})
    assert answer.status_code == 422
    assert "Le courriel a changé depuis votre lecture" in plain_page(answer)
    assert "Autre chose manque." in plain_page(answer)
    assert not ComplementRequest.objects.exists()


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"words": "  "}, "Inscrivez ce qui manque"),
        ({"documents": [], "sections": []}, "Cochez au moins un document ou une section"),
        ({"documents": [999_999]}, "Choisissez parmi les documents"),
        ({"sections": ["inconnue"]}, "Choisissez parmi les sections"),
        ({"due_on": ""}, "Choisissez le dernier jour"),
        ({"due_on": "demain"}, "Inscrivez la date"),
        ({"due_on": "2020-01-01"}, "Au moins 48 heures"),
        ({"due_on": "2099-01-01"}, "la date limite doit être avant ce jour"),
        ({"version": ""}, "Le formulaire reçu est incomplet"),
    ],
)
def test_errors_of_a_request_are_reported_and_typed_text_is_kept(
    filed: Submission, staff: User, changes: dict[str, Any], said: str
) -> None:
    answer = client_of(staff).post(_url(filed), _typed(filed) | changes)
    assert answer.status_code == 422
    assert said in plain_page(answer)
    assert answer.context["form"]["words"].value() == changes.get("words", WORDS)
    assert not ComplementRequest.objects.exists()


def test_a_request_on_a_file_moved_meanwhile_keeps_typed_text(
    filed: Submission, staff: User, read_once: tuple[str, dict[str, Any]]
) -> None:
    client, (_page_read, sent) = client_of(staff), read_once
    move_submission(submission=filed, action=Action.START_REVIEW, actor=make_staff())
    answer = client.post(_url(filed), sent)
    assert answer.status_code == 422
    assert "Une autre personne a changé l’état de cette candidature" in plain_page(answer)
    assert WORDS.replace("\u00a0", " ") in plain_page(answer)
    filed.refresh_from_db()
    assert f'name="version" value="{filed.version}"' in plain_page(answer)
    client.post(_url(filed), sent | {"version": filed.version})
    assert ComplementRequest.objects.count() == 1


def test_a_claimed_file_requires_taking_over_for_a_request(filed: Submission, staff: User) -> None:
    holder = make_staff()
    claim_file(submission=filed, actor=holder)
    client = client_of(staff)
    _page_read, sent = _read(client, filed)
    answer = client.post(_url(filed), sent)
    assert answer.status_code == 422
    assert f'name="prendre" value="{holder.pk}"' in re.sub(r"\s+", " ", plain_page(answer))
    client.post(_url(filed), sent | {"prendre": holder.pk})
    assert ComplementRequest.objects.count() == 1


def test_a_second_request_starts_from_the_first(filed: Submission, staff: User) -> None:
    asked = request_complement_for(filed, sections=["etudes"])
    page = plain_page(client_of(staff).get(_url(filed)))
    assert "Un complément est déjà demandé" in page
    assert asked.words.replace("\u00a0", " ") in page
    assert re.search(r'value="etudes"[^>]*checked', page)


# -- Permissions and states -----------------------------------------------------------------------------------------
def test_only_a_reviewer_of_the_committee_may_request_a_complement(filed: Submission) -> None:
    member, elsewhere = make_reviewer(filed.offer), make_reviewer(make_open_offer())
    assert "Lire le courriel avant l’envoi" in plain_page(client_of(member).get(_url(filed)))
    _page_read, sent = _read(client_of(member), filed)
    stranger = client_of(elsewhere)
    answers = (stranger.get(_url(filed)), stranger.post(_url(filed), sent))
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not ComplementRequest.objects.exists()
    client_of(member).post(_url(filed), sent)
    assert ComplementRequest.objects.get().asked_by == member


def test_a_conflict_on_one_file_leaves_the_complements_of_others(filed: Submission) -> None:
    member = make_reviewer(filed.offer)
    make_conflict(make_filed(filed.offer), member)
    client = client_of(member)
    assert "Demander un complément…" in plain_page(client.get(_url(filed, "file")))
    assert client.get(_url(filed)).status_code == 200
    request_complement_as_reviewer(submission=filed, actor=member, asked=complement_content(filed))
    moved = move_as_reviewer(submission=filed, action=Action.RESUME, actor=member, reason="Lisible.")
    assert moved.state == "SUBMITTED"


def test_a_user_in_conflict_with_the_file_may_not_request_a_complement(filed: Submission) -> None:
    staff = make_staff()
    make_conflict(filed, staff)
    own = make_draft(offer=filed.offer, candidate=make_staff()).submission
    for actor in (staff, own.candidate):
        assert client_of(actor).get(_url(filed)).status_code == 404
        with pytest.raises(NotOnCommitteeError):
            request_complement_as_reviewer(submission=filed, actor=actor, asked=complement_content(filed))


def test_a_reviewer_in_anonymous_review_may_not_request_a_complement(filed: Submission) -> None:
    member = make_reviewer(filed.offer)
    client = client_of(member)
    assert "Demander un complément…" in plain_page(client.get(_url(filed, "file")))
    start_anonymous_review(offer=filed.offer, actor=make_staff())
    assert "Demander un complément…" not in plain_page(client.get(_url(filed, "file")))
    assert "L’évaluation de cette offre est anonyme" in plain_page(client.get(_url(filed), follow=True))
    with pytest.raises(AnonymousReviewError):
        request_complement_as_reviewer(submission=filed, actor=member, asked=complement_content(filed))
    request_complement_for(filed, words="Alex Tremblay-Nguyễn doit renvoyer son relevé.")
    assert "Alex Tremblay-Nguyễn doit renvoyer son relevé." in plain_page(
        client_of(make_staff()).get(_url(filed, "file"))
    )
    assert "Tremblay" not in plain_page(client.get(_url(filed, "file")))


def test_no_request_is_offered_where_none_is_possible(
    filed: Submission, staff: User, fresh_page: Any
) -> None:
    client = client_of(staff)
    assert "Demander un complément…" in plain_page(fresh_page)
    cancel_offer(offer=filed.offer, author=make_staff(), reason="Fin.", at=timezone.now())
    assert "Demander un complément…" not in plain_page(client.get(_url(filed, "file")))
    assert "L’offre est annulée" in plain_page(client.get(_url(filed), follow=True))
    other = make_filed(make_open_offer())

    def said() -> str:
        return plain_page(client.get(_url(other), follow=True))

    starts_on = other.offer.starts_on
    Offer.objects.filter(pk=other.offer_id).update(starts_on=timezone.now().date() + timedelta(days=1))
    assert "il reste moins de 48 heures pour répondre" in said()
    Offer.objects.filter(pk=other.offer_id).update(starts_on=starts_on)
    Submission.objects.filter(pk=other.pk).update(state=State.SHORTLISTED)
    assert "L’état de cette candidature ne permet pas de demander un complément" in said()
    Submission.objects.filter(pk=other.pk).update(state=State.SUBMITTED)
    erase_every_seal()
    assert "il n’y a plus d’adresse pour écrire" in said()


def test_a_complement_cannot_be_requested_by_the_page_of_moves(filed: Submission, staff: User) -> None:
    address = reverse("review:move", args=[filed.public_id, "request-complement"])
    client = client_of(staff)
    assert client.get(address).status_code == 404
    assert client.post(address, {"version": filed.version, "reason": "x"}).status_code == 404
    filed.refresh_from_db()
    assert (filed.state, ComplementRequest.objects.exists()) == (State.SUBMITTED, False)


def test_a_file_with_a_review_request_offers_ruling_and_complement(staff: User) -> None:
    submission = make_filed_for_review(make_open_offer())
    client = client_of(staff)
    assert "Demander un complément…" in plain_page(client.get(_url(submission, "file")))
    request_complement_for(submission)
    assert "Reprendre sans complément" in plain_page(client.get(_url(submission, "file")))


# -- The file's page afterwards -------------------------------------------------------------------------------------
def test_the_page_displays_the_request_and_its_due_date(filed: Submission, staff: User) -> None:
    asked, client = request_complement_for(filed, sections=["etudes"]), client_of(staff)
    page = plain_page(client.get(_url(filed, "file")))
    for said in (
        "Complément demandé",
        WORDS.replace("\u00a0", " "),
        "Incomplète",
        "Section Études",
        "Curriculum vitæ",
    ):
        assert said in page, said
    assert "Délai passé" not in page
    close_after_filings(filed.offer)
    expire_request(asked)
    page = plain_page(client.get(_url(filed, "file")))
    assert "Délai passé" in page
    assert "sans réponse" in page


def test_the_review_is_resumed_from_the_page(filed: Submission, staff: User) -> None:
    request_complement_for(filed)
    client = client_of(staff)
    address = reverse("review:move", args=[filed.public_id, "resume"])
    assert client.get(address).status_code == 200
    client.post(address, {"version": filed.version, "reason": "Lisible, tout compte fait."})
    filed.refresh_from_db()
    assert filed.state == State.SUBMITTED


def test_the_page_displays_the_complement_beside_the_earlier_filing(filed: Submission, staff: User) -> None:
    request_complement_for(filed, sections=["coordonnees"])
    draft = start_answer(filed)
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"city": "Rimouski"})
    file_draft(draft=draft, actor=filed.candidate, declarations=ALL_DECLARATIONS)
    page = plain_page(client_of(staff).get(_url(filed, "file")))
    for said in (
        "Complément reçu le",
        "Complément reçu : ce qui a changé",
        "Rimouski",
        "Avant :",
        WORDS[:20],
    ):
        assert said in page, said


def test_a_complement_without_changes_is_marked_so(filed: Submission, staff: User) -> None:
    request_complement_for(filed)
    file_answer(filed)
    assert "Rien n’a changé" in plain_page(client_of(staff).get(_url(filed, "file")))


def test_a_replaced_file_is_listed_as_a_change() -> None:
    from tests.factories.payloads import document, payload  # noqa: PLC0415 -- used in this test only

    before = payload(documents=(document(), document("LETTER", "Lettre", "lettre.pdf")))
    after = payload(
        documents=(document(name="cv-2.pdf", pages=3), document("TRANSCRIPT", "Relevé", "releve.pdf"))
    )
    assert not list(changed_between(before, before))
    found = [(row.label, row.before, row.after) for row in changed_between(before, after)]
    assert set(found) == {("Lettre", "lettre.pdf", ""), ("Relevé", "", "releve.pdf")}, (
        "the same digest is the same file"
    )


# -- Decisions ------------------------------------------------------------------------------------------------------
def test_a_prepared_decision_is_reported_before_the_request(filed: Submission, staff: User) -> None:
    batch = make_batch(filed, action=Action.FIND_INADMISSIBLE, word="Rien reçu.", preparer=make_staff())
    client = client_of(staff)
    _page_read, sent = _read(client, filed)
    answer = client.post(_url(filed), sent)
    assert answer.status_code == 422
    assert "Une autre personne vient de préparer une décision pour cette candidature" in plain_page(answer)
    client.post(_url(filed), sent | {"despite": batch.items.get().pk})
    filed.refresh_from_db()
    assert filed.state == State.COMPLEMENT_REQUESTED


def test_an_incomplete_file_stays_visible_to_its_committee() -> None:
    submission = make_filed_and_closed()
    member = make_reviewer(submission.offer)
    request_complement_for(submission, staff=make_staff(Role.STAFF))
    assert visible_submissions(member).filter(pk=submission.pk).exists()
