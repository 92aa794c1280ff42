"""Responses of the filing button, and contexts of the pages for late or refused requests, in full."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from eligibility import evaluate
from intake.dossiers.sealed_payload import (
    AcceptedDeclaration,
    MovedClosing,
    Payload,
    Person,
    SealedComplement,
    SealedDocument,
    SealedExtension,
    SealedOffer,
)
from intake.dossiers.services import read_seal
from intake.submissions.access.queries import own_submission, window_of
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.drafts.collection_notice import NoticeForm
from intake.submissions.eligibility_check.signed_answers import sign_answers
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.filing.declarations import DECLARATIONS
from intake.submissions.filing.evaluation import IncompleteError, read_filing_inputs
from intake.submissions.filing.operations import DeclarationMissingError, file_draft
from intake.submissions.filing.payload import moved_closing, payload_of
from intake.submissions.lifecycle.errors import (
    AnnouncedMoveError,
    ComplementOpenError,
    HumanReviewPendingError,
    MoveNotAllowedError,
    OfferNotOpenError,
    StaleDraftError,
    StaleSubmissionError,
)
from intake.submissions.lifecycle.operations import announce_move, move_submission
from intake.submissions.models import Draft, Filing, Receipt, Submission
from intake.submissions.models.filing_window import FilingWindow
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.questions.answer_display import answered_sections
from intake.submissions.questions.answers import facts_json, facts_of
from intake.submissions.questions.sections import answers_in_sections, asked_sections, read_offer_questions
from intake.submissions.states import Action
from intake.web import formats
from intake.web.templatetags.portal import instant_element, raise_ordinals
from offers.models import Offer
from offers.selectors import current_rulebook
from tests.factories.complements import file_answer, make_filed_and_closed, request_complement_for
from tests.factories.offers import mark_cancelled
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_filed, make_filed_for_review
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    close_offer,
    make_draft,
    make_filing,
    make_open_offer,
)
from tests.submissions.eligibility_check.test_check import good_answers
from tests.submissions.filed_pages import amend, file_again
from tests.submissions.pages import browser_of, pressed, url, view_context
from tests.submissions.rows import transaction_instant

pytestmark = pytest.mark.django_db


def _messages(given: Any) -> list[tuple[str, str]]:
    queued = given.wsgi_request._messages._queued_messages
    return [(row.level_tag, str(row).replace("\u00a0", " ")) for row in queued]


# -- The button -------------------------------------------------------------------------------------------------------
def test_filing_a_replaced_draft_again_reports_when_it_was_received() -> None:
    draft = make_draft()
    client, sent = browser_of(draft), pressed(draft)
    assert _messages(client.post(url("file", draft), sent)) == []
    receipt = Receipt.objects.get()
    again = client.post(url("file", draft), sent)
    assert (again.status_code, again.headers["Location"], _messages(again)) == (
        302,
        url("receipt", draft),
        [],
    )
    file_again(amend(receipt))
    instant = raise_ordinals(
        formats.instant(receipt.filing.received_at.astimezone(draft.submission.offer.zone))
    )
    replaced = client.post(url("file", draft), sent)
    assert replaced.headers["Location"] == url("receipt", draft)
    assert _messages(replaced) == [
        (
            "info",
            f"Votre dépôt n° {receipt.number} a bien été reçu le {instant}. Un dépôt plus récent l’a remplacé.".replace(
                "\u00a0", " "
            ),
        )
    ]


@pytest.mark.parametrize("posted, status", [(None, 302), ({}, 409), ({"seen": "0-0"}, 409)])
def test_a_get_request_or_a_form_without_version_does_not_file(
    posted: dict[str, str] | None, status: int
) -> None:
    draft = make_draft()
    client = browser_of(draft)
    given = (
        client.get(url("file", draft))
        if posted is None
        else client.post(url("file", draft), posted, follow=True)
    )
    assert given.status_code == status
    assert given.headers.get("Location", "") == (url("review", draft) if posted is None else "")
    assert _messages(given) == []
    assert not Filing.objects.exists()


def test_filing_a_discarded_amendment_reports_that_it_is_not_filed() -> None:
    receipt = make_filing()
    draft = receipt.filing.draft
    client = browser_of(draft)
    gone = client.post(url("file", draft), {"seen": "999999-0"})
    assert (gone.status_code, gone.headers["Location"]) == (302, url("receipt", draft))
    assert _messages(gone) == [
        ("warning", "Cette modification n’existe plus : elle a été abandonnée. Elle n’est pas déposée.")
    ]
    assert _messages(client.post(url("file", draft))) == []
    assert _messages(client.get(url("file", draft))) == []


def test_the_typed_or_earlier_review_message_is_kept_in_the_form() -> None:
    offer = make_open_offer()
    reserved = make_filed_for_review(offer, message="Mes mots.")
    draft = start_amendment(submission=reserved, actor=reserved.candidate)
    client = browser_of(draft)
    assert view_context(client.get(url("review", draft)))["form"].initial == {"review_message": "Mes mots."}
    stale = pressed(draft, review_message="D’autres mots.") | {"seen": f"{draft.pk}-99"}
    again = client.post(url("file", draft), stale, follow=True)
    given = view_context(again)
    assert (again.status_code, given["form"].initial) == (409, {"review_message": "D’autres mots."})
    assert given["changed"] is not None
    unsaid = pressed(draft) | {"seen": f"{draft.pk}-99"}
    assert view_context(client.post(url("file", draft), unsaid, follow=True))["form"].initial == {
        "review_message": "Mes mots."
    }


# -- Late requests ----------------------------------------------------------------------------------------------------
def _late(draft: Draft, **posted: str) -> dict[str, Any]:
    answered = browser_of(draft).post(url("file", draft), pressed(draft, **posted))
    assert answered.status_code == 409
    return view_context(answered)


def test_the_late_page_gets_the_reason_and_the_instant() -> None:
    draft = make_draft()
    close_offer(draft.submission.offer, seconds_ago=60)
    offer = Offer.objects.get(pk=draft.submission.offer_id)
    given = _late(draft)
    assert given.pop("asked") == instant_element(transaction_instant().astimezone(offer.zone), "secondes")
    assert given == {
        "submission": draft.submission,
        "offer": offer,
        "window": FilingWindow(offer),
        "amended": None,
        "moved_on": False,
        "is_late": True,
        "resumed": False,
    }


def test_the_late_page_of_an_amendment_states_that_the_file_moved_on() -> None:
    draft = amend(make_filing())
    Submission.objects.filter(pk=draft.submission_id).update(state="DECLINED")
    given = _late(draft)
    assert (given["moved_on"], given["is_late"], given["resumed"]) == (True, False, False)
    assert given["amended"] == Submission.objects.get().standing_filing
    Submission.objects.filter(pk=draft.submission_id).update(state="SUBMITTED")
    mark_cancelled(draft.submission.offer_id)
    cancelled = _late(draft)
    assert (cancelled["moved_on"], cancelled["is_late"]) == (False, False)


# -- The check --------------------------------------------------------------------------------------------------------
def test_the_check_page_gets_its_questions_then_its_verdict() -> None:
    offer = make_open_offer()
    address = reverse("submissions:check", args=[offer.number])
    first = view_context(Client().get(address))
    groups = first.pop("groups")
    assert first == {
        "offer": offer,
        "moment": first["moment"],
        "is_open": True,
        "window": FilingWindow(offer),
        "mistakes": [],
        "lost": None,
        "submission": None,
        "verdict": None,
    }
    assert len(groups) > 5
    draft = make_draft(offer=offer)
    client = browser_of(draft)
    posted = good_answers(offer, past_participant="true", domicile_province="ON", birth_date="")
    given = view_context(client.post(address, posted))
    assert (given["submission"], given["window"]) == (
        draft.submission,
        window_of(draft.submission.candidate, offer),
    )
    assert given["not_met"] == ["Domicile", "Première participation"]
    rows = given["findings"]
    assert [row["shown"].outcome == "MET" for row in rows] == sorted(
        row["shown"].outcome == "MET" for row in rows
    )
    by_title = {row["shown"].title: row for row in rows}
    domicile = by_title["Domicile"]
    assert (domicile["observed"], domicile["passing"], domicile["mend_url"]) == (
        "Ontario",
        "Québec",
        "#critere-domicile",
    )
    met = next(row for row in rows if row["shown"].outcome == "MET")
    assert (met["observed"], met["passing"], met["mend_url"]) == ("", "", "")
    assert (by_title["Âge"]["observed"], by_title["Âge"]["mend_url"]) == ("", "#critere-age")
    assert given["packed"]
    refused = client.post(address, posted | {"birth_date": "hier"})
    assert refused.status_code == 422
    assert [one.anchor for one in view_context(refused)["mistakes"]] == ["id_birth_date"]
    assert view_context(refused)["verdict"] is None


def test_differing_checked_answers_are_displayed_beside_those_of_the_draft() -> None:
    draft = make_draft(legal_status="PERMANENT_RESIDENT", bar_school=None)
    offer, number = draft.submission.offer, draft.submission.offer.number or ""
    packed = sign_answers(
        {"legal_status": "CITIZEN", "bar_school": True, "attests_skills": True}, number=number
    )
    client, address = browser_of(draft), reverse("submissions:start_with_answers", args=[number])
    given = view_context(client.post(address, {"answers": packed}))
    rows = [(mine, theirs) for _label, mine, theirs in given.pop("rows")]
    assert rows == [("Résidence permanente", "Citoyenneté canadienne"), ("", "Oui")]
    assert given == {
        "stale": False,
        "offer": offer,
        "packed": packed,
        "is_open": True,
        "window": window_of(draft.submission.candidate, offer),
        "draft": draft,
        "submission": draft.submission,
        "news": unread_changes_of(draft),
    }
    stale = client.post(address, {"answers": packed, "replace": "1", "seen": str(draft.version - 1)})
    assert (stale.status_code, view_context(stale)["stale"]) == (409, True)
    same = sign_answers({"legal_status": "PERMANENT_RESIDENT"}, number=number)
    kept = client.post(address, {"answers": same})
    assert (kept.headers["Location"], _messages(kept)) == (
        url("tasks", draft),
        [("success", "Votre brouillon contient déjà ces réponses.")],
    )


def test_a_draft_from_a_check_requires_the_accepted_notice() -> None:
    offer, person = make_open_offer(), make_user()
    number = offer.number or ""
    packed = sign_answers({"legal_status": "CITIZEN"}, number=number)
    client, address = client_of(person), reverse("submissions:start_with_answers", args=[number])
    assert client.get(address).headers["Location"] == reverse("submissions:start", args=[number])
    shown = client.post(address, {"answers": packed})
    given = view_context(shown)
    form = given.pop("form")
    assert (shown.status_code, type(form), form.is_bound) == (200, NoticeForm, False)
    assert [(row.key, row.value) for row in given.pop("rows")] == [("legal_status", "Citoyenneté canadienne")]
    assert given == {"offer": offer, "packed": packed, "is_open": True, "window": window_of(person, offer)}
    refused = client.post(address, {"answers": packed, "read": "1"})
    assert (refused.status_code, [*view_context(refused)["form"].errors]) == (422, ["accepts_notice"])
    assert not Submission.objects.exists()
    begun = client.post(address, {"answers": packed, "read": "1", "accepts_notice": "on"})
    draft = Draft.objects.get()
    assert (begun.headers["Location"], draft.answers["legal_status"]) == (url("tasks", draft), "CITIZEN")
    assert _messages(begun) == [
        ("success", "Vos réponses sont dans le brouillon. Il n’est pas encore déposé.")
    ]


# -- The seal ---------------------------------------------------------------------------------------------------------
def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if not at.microsecond else f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def test_the_seal_contains_exactly_the_filed_data() -> None:
    draft = make_draft()
    submission, offer = draft.submission, draft.submission.offer
    receipt = file_draft(draft=draft, actor=submission.candidate, declarations=ALL_DECLARATIONS)
    sections = asked_sections(offer)
    answers = answers_in_sections(sections, draft.answers)
    sealed = read_seal(receipt.filing.seal)
    keys = (
        "first_name",
        "last_name",
        "birth_date",
        "phone",
        "address_line",
        "city",
        "province",
        "postal_code",
    )
    rows = draft.documents.select_related("request", "upload").order_by("request__position")
    assert sealed == Payload(
        sequence=1,
        person=Person(email=submission.candidate.email, **{key: answers[key] for key in keys}),
        call=SealedOffer(
            number=offer.number or "",
            organisation=offer.organisation,
            domain=offer.domain,
            place=offer.place,
            starts_on=offer.starts_on.isoformat(),
            ends_on=offer.ends_on.isoformat(),
            closes_at=_utc(offer.closes_at),
            programme=offer.programme.name,
            dates_label=str(offer.programme.words.dates),
            time_zone="America/Toronto",
        ),
        sections=answered_sections(sections, answers),
        facts=facts_json(answers, register_match=False),
        verdict=sealed.verdict,
        documents=tuple(
            SealedDocument(
                kind=row.request.kind,
                label=row.request.label,
                name=row.upload.original_name,
                pages=row.upload.pages,
                size=row.upload.size,
                sha256=row.upload.sha256,
            )
            for row in rows
        ),
        declarations=tuple(
            AcceptedDeclaration(key=row.key, version=row.version, text=str(row.text)) for row in DECLARATIONS
        ),
    )


def test_the_seal_contains_the_answered_request_and_the_extension() -> None:
    submission = make_filed_and_closed()
    asked = request_complement_for(submission)
    sealed = read_seal(file_answer(submission).filing.seal)
    assert sealed.complement == SealedComplement(
        asked_at=_utc(asked.asked_at), words=asked.words, due_at=_utc(asked.due_at)
    )
    assert (sealed.extension, sealed.moved, sealed.sequence) == (None, None, 2)
    draft = make_draft()
    given = extend_personal_deadline(
        offer=draft.submission.offer,
        candidate=draft.submission.candidate,
        author=make_staff(),
        reason="Panne.",
        closes_on=draft.submission.offer.closes_on + timedelta(days=2),
        at=transaction_instant(),
    )
    receipt = file_draft(draft=draft, actor=draft.submission.candidate, declarations=ALL_DECLARATIONS)
    assert read_seal(receipt.filing.seal).extension == SealedExtension(_utc(given.closes_at))
    first, decided = (
        datetime.fromisoformat("2027-09-01T00:00:00-04:00"),
        datetime.fromisoformat("2027-08-30T14:00:00.5+02:00"),
    )
    assert moved_closing(first, decided) == MovedClosing(
        "2027-09-01T04:00:00Z", "2027-08-30T12:00:00.500000Z"
    )


def test_only_accepted_declarations_are_sealed() -> None:
    draft = make_draft()
    offer = draft.submission.offer
    asks = read_offer_questions(offer, current_rulebook(offer))
    verdict = read_filing_inputs(draft.submission, draft).rulebook.as_rulebook()
    payload = payload_of(
        draft=draft,
        sequence=4,
        documents=[],
        asks=asks,
        verdict=evaluate(verdict, facts_of(draft.answers)),
        declarations=frozenset({"truth"}),
        review_message="Un mot.",
        register_match=True,
    )
    assert [row.key for row in payload.declarations] == ["truth"]
    assert (payload.sequence, payload.review_message, payload.documents) == (4, "Un mot.", ())
    assert payload.facts["register_match"] is True


# -- Errors and their data --------------------------------------------------------------------------------------------
def test_each_refusal_of_a_filing_has_its_data() -> None:
    draft = make_draft(first_name=None, legal_status=None)
    options: dict[str, Any] = {"draft": draft, "actor": draft.submission.candidate}
    with pytest.raises(DeclarationMissingError) as undeclared:
        file_draft(**options, declarations=frozenset({"consent"}))
    assert undeclared.value.missing == ("truth",)
    cv = draft.submission.offer.documents.get(kind="CV")
    draft.documents.filter(request=cv).delete()
    with pytest.raises(IncompleteError) as lacking:
        file_draft(**options, declarations=ALL_DECLARATIONS)
    assert (lacking.value.sections, lacking.value.documents) == (("identite", "statut"), ("CV",))
    saved_at = Draft.objects.get(pk=draft.pk).saved_at
    with pytest.raises(StaleDraftError) as stale:
        file_draft(**options, declarations=ALL_DECLARATIONS, seen=draft.version + 1)
    assert stale.value.saved_at == saved_at
    close_offer(draft.submission.offer, seconds_ago=60)
    with pytest.raises(OfferNotOpenError) as closed:
        file_draft(**options, declarations=ALL_DECLARATIONS)
    assert (closed.value.submission, closed.value.at) == (draft.submission, transaction_instant())


def test_an_out_of_scope_answer_is_refused_with_the_changed_parts() -> None:
    submission = make_filed_and_closed()
    cv, other = submission.offer.documents.filter(required=True).order_by("position")[:2]
    request_complement_for(submission, documents=[cv])
    draft = start_amendment(submission=submission, actor=submission.candidate)
    changed = draft.answers | {"city": "Gaspé", "other_languages": "Aucune"}
    Draft.objects.filter(pk=draft.pk).update(answers=changed)
    draft.documents.filter(request=other).delete()
    with pytest.raises(OutOfScopeChangeError) as refused:
        file_draft(draft=draft, actor=submission.candidate, declarations=ALL_DECLARATIONS)
    assert (refused.value.sections, refused.value.documents) == (("coordonnees", "langues"), (other.pk,))


def test_each_refusal_of_a_move_has_its_action_and_state() -> None:
    submission, staff = make_filed(make_open_offer()), make_staff()
    options: dict[str, Any] = {"submission": submission, "actor": staff}
    with pytest.raises(AnnouncedMoveError) as announced:
        move_submission(**options, action=Action.DECLINE)
    assert (announced.value.action, announced.value.state) == (Action.DECLINE, "SUBMITTED")
    with pytest.raises(MoveNotAllowedError) as absent:
        move_submission(**options, action=Action.SHORTLIST)
    assert (absent.value.action, absent.value.state) == (Action.SHORTLIST, "SUBMITTED")
    with pytest.raises(MoveNotAllowedError) as outsider:
        move_submission(submission=submission, actor=make_user(), action=Action.START_REVIEW)
    assert (outsider.value.action, outsider.value.state) == (Action.START_REVIEW, "SUBMITTED")
    for version in (submission.version - 1, submission.version + 1):
        with pytest.raises(StaleSubmissionError) as stale:
            move_submission(**options, action=Action.START_REVIEW, version=version)
        assert stale.value.state == "SUBMITTED"
    reserved = make_filed_for_review(make_open_offer())
    with pytest.raises(HumanReviewPendingError) as waiting:
        move_submission(submission=reserved, actor=staff, action=Action.START_REVIEW)
    assert (waiting.value.action, waiting.value.state) == (Action.START_REVIEW, "SUBMITTED")
    incomplete = make_filed_and_closed()
    asked = request_complement_for(incomplete)
    with pytest.raises(ComplementOpenError) as running:
        announce_move(
            submission=incomplete, action=Action.FIND_INADMISSIBLE, actor=staff, version=None, words="Âge."
        )
    assert (running.value.action, running.value.due_at) == (Action.FIND_INADMISSIBLE, asked.due_at)
    moved = move_submission(**options, action=Action.START_REVIEW, version=submission.version, reason="  ")
    assert (moved.state, moved.version) == ("UNDER_REVIEW", submission.version + 1)
    own = own_submission(submission.candidate, submission.public_id)
    assert own is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM submissions_transition WHERE submission_id = %s", [own.pk])
        assert cursor.fetchone() == (2,)


def test_the_draft_of_another_application_is_not_filed_from_this_page() -> None:
    draft = make_draft()
    other = make_draft(candidate=draft.submission.candidate, offer=make_open_offer())
    browser_of(draft).post(url("file", draft), pressed(other))
    assert not Filing.objects.exists()
