"""What a candidate may learn of their submission after filing: each event, mail and change, in order."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.dossiers.child.sandbox import DRAWING
from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.outbox.models import Delivery, Message
from intake.outbox.services import set_aside
from intake.submissions.access.queries import own_submission, own_submissions
from intake.submissions.complements.queries import open_complements
from intake.submissions.delivery_kinds import DOSSIER_MAIL, RECEIPT_MAIL
from intake.submissions.drafts.queries import prefilled_answers, read_draft_details
from intake.submissions.filing.changes import AnswerChange, changes_of
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.candidate_status import CandidateStatus, candidate_status_of
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.lifecycle.participation import completed_participants, participant_of
from intake.submissions.models import Draft, Receipt, Ruling, Submission
from intake.submissions.offer_changes.operations import ANNOUNCED_KINDS, audience_message, on_offer_change
from intake.submissions.receipts import operations as receipts
from intake.submissions.receipts.operations import TooManyResendsError, resend_receipt
from intake.submissions.rulings.queries import refused_positions
from intake.submissions.states import Action, State
from intake.submissions.timeline.next_steps import Progress, StepKind, next_steps_of
from intake.submissions.timeline.queries import Event, events_of
from offers.models import GridLineData, OfferChange
from tests.database_roles import without_triggers
from tests.factories.complements import (
    file_answer,
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
    start_answer,
)
from tests.factories.decisions import decide
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_dossier, make_filed, make_filed_for_review, make_ruling
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    close_offer,
    make_draft,
    make_extension,
    make_filing,
    make_open_offer,
    make_upload,
)
from tests.submissions.filed_pages import (
    amend,
    assert_same_cost,
    browser_of,
    file_again,
    page_of,
    read,
    submission_of,
    withdraw,
)
from tests.submissions.pages import comparable_page, own_copy, text_of
from tests.submissions.rows import record_writes, transaction_instant

pytestmark = pytest.mark.django_db


def _under_review() -> Receipt:
    receipt = make_filing()
    move_submission(submission=submission_of(receipt), action=Action.START_REVIEW, actor=make_staff())
    return receipt


@pytest.mark.parametrize("moves", [[Action.SHORTLIST], [Action.SHORTLIST, Action.LEAVE_SHORTLIST]])
def test_a_shortlisted_submission_displays_the_same_pages_as_one_under_review(moves: list[Action]) -> None:
    receipt = _under_review()
    pages = [
        page_of("follow", receipt),
        page_of("receipt", receipt),
        page_of("withdraw", receipt),
        reverse("submissions:mine"),
        reverse("offers:page", args=[receipt.filing.submission.offer.number]),
    ]
    client = browser_of(receipt)
    before = [comparable_page(client, page) for page in pages]
    for action in moves:
        move_submission(
            submission=submission_of(receipt), action=action, actor=make_staff(), reason="Interne"
        )
    assert [comparable_page(client, page) for page in pages] == before


def test_the_closing_is_done_at_its_instant() -> None:
    submission = amend(make_filing()).submission
    own = own_copy(submission)
    closes_at = own.window.ordinary_closes_at
    found = []
    for at in (closes_at - timedelta(microseconds=1), closes_at):
        steps = next_steps_of(candidate_status_of(own, at=at), at=at)
        found += [(step.progress, step.is_yours) for step in steps if step.kind is StepKind.CLOSING]
    assert found == [(Progress.NOW, True), (Progress.DONE, False)]


@pytest.mark.parametrize(
    "decisions, outcome",
    [
        (("OVERTURNED", "OVERTURNED"), "le comité étudiera votre candidature"),
        (("OVERTURNED", "CONFIRMED"), "candidature non admissible"),
        (("CONFIRMED", "OVERTURNED"), "candidature non admissible"),
    ],
)
def test_a_human_review_is_displayed_when_requested_and_when_settled(
    decisions: tuple[str, str], outcome: str
) -> None:
    submission = make_filed_for_review(make_open_offer(), legal_status="TEMPORARY_PERMIT")
    client, page = client_of(submission.candidate), page_of("follow", submission)
    assert "Une personne révise le résultat et vous enverra sa décision." in read(client, page)
    assert submission.standing_filing is not None
    positions = list(refused_positions(read_seal(submission.standing_filing.seal).verdict))
    for position, decision in zip(positions, decisions, strict=True):
        assert "Révision terminée" not in read(client, page)
        make_ruling(submission, position, Ruling.Decision(decision))
    assert f"Révision terminée : {outcome}" in read(client, page)


def test_a_receipt_is_sent_again_three_times_a_day_of_the_offer(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    midnight = datetime(2027, 9, 2, tzinfo=submission.offer.zone).astimezone(UTC)

    def again(at: datetime) -> str:
        Delivery.objects.filter(kind=RECEIPT_MAIL).update(state="DONE", done_at=at)
        return resend_receipt(submission=submission, actor=submission.candidate, at=at).key

    on_its_way = resend_receipt(submission=submission, actor=submission.candidate, at=midnight)
    assert on_its_way.key == receipt.number
    for time in (1, 2, 3):
        assert again(midnight - timedelta(seconds=1)) == f"{receipt.number}/2027-09-01/{time}"
    with pytest.raises(TooManyResendsError):
        again(midnight - timedelta(microseconds=1))
    assert again(midnight) == f"{receipt.number}/2027-09-02/1"
    leased = Delivery.objects.filter(key=f"{receipt.number}/2027-09-02/1")
    leased.update(state="LEASED", leased_until=midnight, lease_token=uuid4())
    assert resend_receipt(submission=submission, actor=submission.candidate, at=midnight) == leased.get()
    assert Entry.objects.filter(action="RECEIPT_RESENT").count() == 4


def test_each_status_is_displayed_in_the_list_of_submissions() -> None:
    candidate = make_user()
    amending = make_filing(candidate=candidate)
    amend(amending)
    withdraw(make_filing(candidate=candidate))
    lost = make_draft(candidate=candidate)
    close_offer(lost.submission.offer, seconds_ago=1)
    make_draft(candidate=candidate)
    file_draft(
        draft=make_draft(candidate=candidate, birth_date="1970-01-01"),
        actor=candidate,
        declarations=ALL_DECLARATIONS,
        review_message="Relisez-moi.",
    )
    shown = read(client_of(candidate), reverse("submissions:mine"))
    for tone, words in (
        ("warning", "Modification non déposée"),
        ("closed", "Désistement"),
        ("draft", "Non déposée"),
        ("draft", "Brouillon — non déposée"),
        ("warning", "Révision demandée"),
    ):
        assert f'state-{tone}">{words}<' in shown, words
    assert f"{amending.number}</span> reste valide" in shown


def test_the_export_runs_as_many_queries_for_three_submissions() -> None:
    candidate = make_user()

    def one_more() -> None:
        amend(file_again(amend(make_filing(candidate=candidate))))

    assert_same_cost(client_of(candidate), reverse("submissions:own_data"), one_more)


def test_the_timeline_runs_as_many_queries_for_three_filings(receipt: Receipt) -> None:
    file_again(amend(receipt))

    def one_more() -> None:
        file_again(amend(receipt))

    assert_same_cost(browser_of(receipt), page_of("follow", receipt), one_more)


def test_a_returned_mail_is_displayed_with_its_cause(receipt: Receipt) -> None:
    client = browser_of(receipt)
    for kind in (RECEIPT_MAIL, DOSSIER_MAIL):
        delivery, _new = Delivery.objects.get_or_create(
            kind=kind,
            key=receipt.number,
            defaults={"subject_kind": "submissions.receipt", "subject_id": str(receipt.pk)}
            | dict.fromkeys(("due_at", "created_at"), timezone.now()),
        )
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DONE, done_at=timezone.now())
        Message.objects.create(
            delivery=delivery,
            message_id=f"<{delivery.public_id}@portail.invalid>",
            to_address="loin@exemple.invalid",
            created_at=timezone.now(),
            sent_at=timezone.now(),
        ).attachments.create(position=0, filename=f"{receipt.number}.pdf")
    pages = [page_of("receipt", receipt), page_of("follow", receipt)]
    make_dossier(submission_of(receipt))
    assert not any("revenu" in read(client, page).casefold() for page in pages)
    assert "Aussi envoyé à" in read(client, pages[0])
    Message.objects.update(returned_at=timezone.now(), report_code="5.2.2")
    assert client.get(pages[1]).content.decode().count('state-error">Retourné<') == 2
    on_receipt, following = (
        re.sub(r"</?span[^>]*>", "", text_of(client.get(page).content)) for page in pages
    )
    said = "est revenu : la boîte courriel est pleine."
    assert f"Le courriel envoyé à loin@exemple.invalid nous {said} Votre dépôt est valide" in on_receipt
    assert f"Envoyé à loin@exemple.invalid, ce courriel nous {said}" in following
    assert "Aussi envoyé à" not in on_receipt


def test_a_receipt_mail_set_aside_is_displayed_as_failed(receipt: Receipt) -> None:
    client = browser_of(receipt)
    delivery = Delivery.objects.get(kind=RECEIPT_MAIL)
    Message.objects.create(
        delivery=delivery,
        message_id="<1@portail.invalid>",
        to_address="loin@exemple.invalid",
        created_at=timezone.now(),
    )
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DEAD, last_error="smtp 554")
    set_aside(delivery=delivery, actor=make_staff())
    assert "Le courriel de confirmation n’a pas été envoyé." in read(client, page_of("receipt", receipt))
    assert "L’envoi a échoué" in read(client, page_of("follow", receipt))


def _standing(submission: Submission) -> CandidateStatus:
    own = own_copy(submission)
    return candidate_status_of(own, at=own.read_at)


def _event_values(event: Event) -> tuple[Any, ...]:
    told = (
        event.filing and event.filing.sequence,
        event.replaced_by and event.replaced_by.sequence,
        event.complement and event.complement.pk,
        event.reason,
        event.words,
    )
    return event.kind.value, event.is_filing, *told


# -- Events -----------------------------------------------------------------------------------------------------------
def test_each_event_is_listed_with_its_data_latest_first() -> None:
    submission, staff = make_filed_and_closed(), make_staff()
    asked = request_complement_for(submission, staff=staff)
    file_answer(submission)
    again = request_complement_for(submission, staff=staff)
    start_answer(submission)
    assert [_event_values(event) for event in events_of(_standing(submission))] == [
        ("AMENDING", False, None, None, again.pk, "", ""),
        ("COMPLEMENT_REQUESTED", False, None, None, again.pk, "", ""),
        ("COMPLEMENT_REQUESTED", False, None, None, asked.pk, "", ""),
        ("COMPLEMENT_ANSWERED", True, 2, None, asked.pk, "", ""),
        ("FILED", True, 1, 2, None, "", ""),
        ("STARTED", False, None, None, None, "", ""),
    ]
    resume_without_complement(submission=submission, actor=staff, reason="Motif interne.")
    assert "Motif interne." not in str([_event_values(event) for event in events_of(_standing(submission))])
    assert _event_values(events_of(_standing(submission))[1])[0] == "RESUMED"


def test_only_released_moves_are_listed_with_their_message() -> None:
    submission, staff = make_filed(make_open_offer()), make_staff()
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=submission, action=action, actor=staff)
    submission.refresh_from_db()
    decide(submission, action=Action.INVITE, word="Mardi, 10 h.")
    submission.refresh_from_db()
    move_submission(submission=submission, action=Action.RECOMMEND, actor=staff)
    found = [_event_values(event) for event in events_of(_standing(submission))]
    assert [(row[0], row[-1]) for row in found] == [
        ("INVITED", "Mardi, 10 h."),
        ("UNDER_REVIEW", ""),
        ("FILED", ""),
        ("STARTED", ""),
    ]


def test_changes_of_the_offer_are_listed_from_the_start_of_the_draft() -> None:
    receipt = make_filing()
    submission = receipt.filing.submission
    for days, kind in ((-1, "CORRECTED"), (0, "EXTENDED")):
        submission.offer.changes.create(
            kind=kind, author=make_staff(), reason="Motif.", at=submission.created_at + timedelta(days=days)
        )
    amend(receipt)
    found = events_of(_standing(submission))
    assert [event.kind.value for event in found] == ["AMENDING", "OFFER_CHANGED", "FILED", "STARTED"]
    assert found[1].change == submission.offer.changes.get(kind="EXTENDED")
    assert found[2].dossier is None
    assert not found[2].under_reserve


# -- Changes of an amendment ------------------------------------------------------------------------------------------
def test_the_changes_of_an_amendment_are_listed_by_question_then_by_file() -> None:
    receipt = make_filing(
        offer=make_open_offer(grid=(GridLineData(text="a mené un projet"),)), legal_status="CITIZEN"
    )
    filing, draft = receipt.filing, amend(receipt)
    submission = filing.submission
    line = submission.offer.grid_lines.get()
    changed = draft.answers | {"city": "Gaspé", "other_languages": "", "grid": {str(line.pk): "Trois ans."}}
    Draft.objects.filter(pk=draft.pk).update(answers=changed)
    cv, letter = submission.offer.documents.filter(required=True).order_by("position")[:2]
    new = make_upload(submission.candidate, name="neuf.pdf")
    new.sha256 = "e" * 64
    new.save()
    held = {row.request_id: row.upload.original_name for row in draft.documents.select_related("upload")}
    draft.documents.filter(request=cv).update(upload=new)
    draft.documents.filter(request=letter).delete()
    own = own_copy(submission)
    application = read_draft_details(own, Draft.objects.get(pk=draft.pk), at=own.read_at)
    assert changes_of(application, filing) == [
        AnswerChange("Coordonnées", "Ville", draft.answers["city"], "Gaspé"),
        AnswerChange(
            "Compétences et expérience",
            "a mené un projet",
            draft.answers["grid"][str(line.pk)],
            "Trois ans.",
            is_line=True,
        ),
        AnswerChange("Langues", "Autres langues", draft.answers["other_languages"], ""),
        AnswerChange("", cv.label, held[cv.pk], "neuf.pdf"),
        AnswerChange("", letter.label, held[letter.pk], ""),
    ]
    said = draft.answers["grid"][str(line.pk)]
    line.delete()
    gone = changes_of(read_draft_details(own, Draft.objects.get(pk=draft.pk), at=own.read_at), filing)
    assert gone[2] == AnswerChange("Compétences et expérience", "a mené un projet", said, "", is_line=True)


# -- Queries of pages -------------------------------------------------------------------------------------------------
def test_the_submissions_of_a_user_are_listed_newest_first() -> None:
    person = make_user()
    made = [make_draft(candidate=person, documents=False).submission for _time in range(3)]
    make_draft(documents=False)
    for days, submission in enumerate((made[1], made[2], made[0])):
        Submission.objects.filter(pk=submission.pk).update(
            created_at=transaction_instant() - timedelta(days=days)
        )
    rows = [*own_submissions(person)]
    assert rows == [made[1], made[2], made[0]]
    Submission.objects.filter(candidate=person).update(created_at=transaction_instant())
    assert [*own_submissions(person)] == made[::-1]
    assert own_submission(make_user(), made[0].public_id) is None
    assert abs(rows[0].read_at - timezone.now()) < timedelta(minutes=1)


def test_a_complement_stays_open_while_the_candidate_may_answer() -> None:
    submission = make_filed_and_closed()
    asked = request_complement_for(submission)
    assert open_complements().get().closes_at == asked.due_at
    later = make_extension(submission.offer, submission.candidate, days=20)
    assert open_complements().get().closes_at == later.closes_at
    assert Submission.objects.get(pk=submission.pk).complement_until == asked.due_at


def test_studies_and_languages_are_prefilled_from_the_latest_submission() -> None:
    person = make_user()
    drafts = [
        make_draft(candidate=person, documents=False, other_languages=words)
        for words in ("Un", "Deux", "Trois")
    ]
    for days, draft in ((1, drafts[2]), (2, drafts[0])):
        Draft.objects.filter(pk=draft.pk).update(saved_at=timezone.now() - timedelta(days=days))
    mine = make_draft(candidate=person, documents=False).submission
    carried = prefilled_answers(person, to=mine)
    assert carried["other_languages"] == "Deux"
    assert "first_name" not in carried
    assert prefilled_answers(person, to=drafts[1].submission)["other_languages"] == "Espagnol, intermédiaire"
    Draft.objects.exclude(submission=mine).update(saved_at=timezone.now())
    assert prefilled_answers(person, to=mine)["other_languages"] == "Trois", (
        "the last begun of those saved at once"
    )
    assert prefilled_answers(make_user(), to=mine) == {}


# -- Recipients of a change -------------------------------------------------------------------------------------------
@pytest.fixture
def states() -> dict[str, Submission]:
    """Submissions to one offer, an amendment among them, and one whose account is closed."""
    offer = make_open_offer()
    made = {"draft": make_draft(offer=offer, documents=False).submission}
    for name in ("SUBMITTED", "RESERVE", "DECLINED", "INADMISSIBLE", "closed"):
        made[name] = make_filing(offer=offer).filing.submission
        state = "SUBMITTED" if name == "closed" else name
        Submission.objects.filter(pk=made[name].pk).update(state=state)
    receipt = make_filing(offer=offer)
    amend(receipt)
    made["amending"] = receipt.filing.submission
    Submission.objects.filter(pk=made["amending"].pk).update(state="DECLINED")
    User.objects.filter(pk=made["closed"].candidate_id).update(is_active=False)
    make_draft(documents=False)
    return made


def test_staff_read_how_many_candidates_would_be_notified(states: dict[str, Submission]) -> None:
    offer = states["draft"].offer

    def said(kind: str) -> str:
        return audience_message(offer, OfferChange.Kind(kind)).replace("\u00a0", " ")

    assert {kind: said(kind) for kind in OfferChange.Kind.values if said(kind)} == {
        "CORRECTED": "4 personnes recevront un courriel : 3 ont déposé, 1 a un brouillon non déposé.",
        "EXTENDED": "4 personnes recevront un courriel : 3 ont déposé, 1 a un brouillon non déposé.",
        "RULES_CHANGED": "2 personnes recevront un courriel : 1 a déposé, 1 a un brouillon non déposé.",
        "CANCELLED": "6 personnes recevront un courriel : 5 ont déposé, 1 a un brouillon non déposé.",
    }
    assert audience_message(make_open_offer(), OfferChange.Kind.CANCELLED).replace("\u00a0", " ") == (
        "Il n’y a personne à prévenir : aucun courriel ne sera envoyé."
    )
    alone = make_filed(make_open_offer()).offer
    assert audience_message(alone, OfferChange.Kind.CANCELLED).replace("\u00a0", " ") == (
        "1 personne recevra un courriel : 1 a déposé."
    )
    assert {kind.value for kind in ANNOUNCED_KINDS} == {"CORRECTED", "RULES_CHANGED", "EXTENDED", "CANCELLED"}


def test_each_change_enters_the_journal_and_announced_kinds_are_mailed() -> None:
    offer, author = make_open_offer(), make_staff()
    for kind in OfferChange.Kind.values:
        change = OfferChange.objects.create(
            offer=offer, kind=kind, author=author, reason="Motif.", at=timezone.now()
        )
        with record_writes() as (entries, asked):
            on_offer_change(change)
        assert entries == [
            (f"OFFER_{kind}", author, str(getattr(offer, "public_id", offer.pk)), offer.number)
        ]
        told = [("OFFER_CHANGE", str(change.pk), "offers.offerchange", str(change.pk))]
        assert asked == (told if kind in {one.value for one in ANNOUNCED_KINDS} else []), kind


# -- Files of a filing ------------------------------------------------------------------------------------------------
def test_a_dossier_is_built_from_documents_in_the_order_of_the_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = make_filing()
    documents = receipt.filing.documents.select_related("request").order_by("-request__position")
    requests = [row.request for row in documents]
    for place, request in enumerate(requests, start=40):
        type(request).objects.filter(pk=request.pk).update(position=place)
    made: list[dict[str, Any]] = []
    monkeypatch.setattr(receipts, "build_dossier", lambda **given: made.append(given))
    for attempts in range(3):
        delivery = Delivery(kind="DOSSIER", key=receipt.number, subject_id=str(receipt.pk), attempts=attempts)
        receipts.make_dossier(delivery, timezone.now())
    assert [part.label for part in made[0]["parts"]] == [request.label for request in requests]
    assert [given["cpu_seconds"] for given in made] == [1, 1, DRAWING.cpu_seconds], "the last try has longer"
    assert Delivery.objects.filter(kind="DOSSIER_MAIL", key=receipt.number).count() == 1


# -- The register and the log -----------------------------------------------------------------------------------------
def test_completed_participants_are_named_by_their_filing_in_order() -> None:
    offer = make_open_offer()
    names = ("Aube", "Brume", "Cime")
    filed = [make_filed(offer, last_name=name) for name in names]
    unnamed = make_filed(offer, last_name="!!!")
    make_filed(offer)
    with without_triggers("submissions_submission"):
        for submission in (*filed, unnamed):
            Submission.objects.filter(pk=submission.pk).update(state=State.COMPLETED)
        # A rewritten row is the last one that a scan of the table returns.
        Submission.objects.filter(pk=filed[0].pk).update(version=9)
    found = [*completed_participants()]
    assert [each.person.last_name for each in found] == [*names]
    assert {(each.programme, each.year) for each in found} == {(offer.programme, offer.starts_on.year)}
    assert participant_of(make_draft(documents=False).submission) is None
