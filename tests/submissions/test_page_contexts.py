"""Contexts of each view, in full: nothing missing, nothing of another draft."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from intake.dossiers.receipts.verifying import verifying_path
from intake.outbox.selectors import latest_states
from intake.privacy.retention.queries import erasure_day
from intake.submissions.access.queries import current_extension, own_submission, window_of
from intake.submissions.attachments.cards import cards_of
from intake.submissions.attachments.forms import UploadForm
from intake.submissions.drafts.answer_merge import format_seen
from intake.submissions.drafts.collection_notice import NoticeForm
from intake.submissions.drafts.complement_progress import complement_progress_of
from intake.submissions.drafts.queries import DraftDetails, read_draft_details
from intake.submissions.drafts.views.save_limits import MOST_BYTES
from intake.submissions.filing.changes import changes_of
from intake.submissions.filing.form_version import form_version_of, part_digests
from intake.submissions.filing.forms import DeclarationsForm, HumanReviewForm
from intake.submissions.filing.reviewed_answers import review_sections
from intake.submissions.filing.sealed_filing import display_filed_verdict, read_filing
from intake.submissions.gate.verdict_display import display_verdict
from intake.submissions.lifecycle.candidate_status import CandidateStatus, candidate_status_of
from intake.submissions.models import ComplementRequest, Draft, Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.questions.sections import asked_sections, section_by_key
from intake.submissions.questions.workload import workload_of
from intake.submissions.receipts.queries import statement_of
from intake.submissions.timeline.next_steps import next_steps_of
from intake.submissions.timeline.queries import events_of, mails_of
from intake.transparency.selectors import expected_by, log_position
from tests.factories.complements import make_filed_and_closed, request_complement_for, start_answer
from tests.factories.offers import mark_cancelled
from tests.factories.people import client_of, make_user
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer
from tests.submissions.filed_pages import amend
from tests.submissions.pages import browser_of, url, view_context

pytestmark = pytest.mark.django_db


def _own(draft: Draft | Submission) -> Submission:
    submission = draft.submission if isinstance(draft, Draft) else draft
    found = own_submission(submission.candidate, submission.public_id)
    assert found is not None
    return found


def _read(draft: Draft) -> DraftDetails:
    submission = _own(draft)
    return read_draft_details(submission, Draft.objects.get(pk=draft.pk), at=submission.read_at)


def _standing(draft: Draft | Submission) -> CandidateStatus:
    submission = _own(draft)
    return candidate_status_of(submission, at=submission.read_at)


def _form(given: dict[str, Any], name: str = "form") -> tuple[type, bool]:
    form = given.pop(name)
    return type(form), form.is_bound


@pytest.fixture(scope="module")
def kept_amendment(module_db: None) -> Draft:
    return amend(make_filing(), first_name="Anne")


@pytest.fixture
def amendment(kept_amendment: Draft) -> Draft:
    """An amendment with changed personal answers, for an open offer."""
    return deepcopy(kept_amendment)


@pytest.fixture(scope="module")
def kept_answering(module_db: None) -> Draft:
    submission = make_filed_and_closed()
    request_complement_for(submission, sections=["etudes"])
    return start_answer(submission)


@pytest.fixture
def answering(kept_answering: Draft) -> Draft:
    """An answer to a complement request for the curriculum vitæ and the studies; the offer is closed."""
    return deepcopy(kept_answering)


# -- Before an application --------------------------------------------------------------------------------------------
def test_the_start_page_gets_workload_documents_and_the_notice() -> None:
    offer, person = make_open_offer(), make_user()
    address, client = reverse("submissions:start", args=[offer.number]), client_of(person)
    shown = {
        "offer": offer,
        "is_open": True,
        "window": window_of(person, offer),
        "workload": workload_of(
            asked_sections(offer), documents=offer.documents.filter(required=True).count()
        ),
        "documents": [*offer.documents.order_by("position")],
    }

    def given(answer: Any) -> dict[str, Any]:
        found = view_context(answer)
        return found | {"documents": [*found["documents"]]}

    first = given(client.get(address))
    assert _form(first) == (NoticeForm, False)
    assert first == shown
    refused = client.post(address)
    again = given(refused)
    assert (refused.status_code, _form(again)) == (422, (NoticeForm, True))
    assert again == shown
    close_offer(offer, seconds_ago=60)
    late = client.post(address, {"accepts_notice": "on"})
    closed = given(late)
    assert (late.status_code, _form(closed)) == (409, (NoticeForm, True))
    assert closed["is_open"] is False
    assert not Submission.objects.filter(offer=offer).exists()


def test_the_start_page_skips_an_accepted_notice_and_an_existing_draft(draft: Draft) -> None:
    client, other = browser_of(draft), make_open_offer()
    assert view_context(client.get(reverse("submissions:start", args=[other.number])))["form"] is None
    begun = client.get(reverse("submissions:start", args=[draft.submission.offer.number]))
    assert begun.headers["Location"] == url("tasks", draft)


def test_the_list_of_submissions_gets_the_status_of_each(draft: Draft) -> None:
    given = view_context(browser_of(draft).get(reverse("submissions:mine")))
    assert given == {"rows": [_standing(draft)]}


# -- A draft ----------------------------------------------------------------------------------------------------------
def test_the_page_of_tasks_gets_the_draft_and_its_progress(draft: Draft, answering: Draft) -> None:
    for each in (draft, answering):
        application = _read(each)
        assert view_context(browser_of(each).get(url("tasks", each))) == {
            "application": application,
            "completion": complement_progress_of(application, at=application.submission.read_at),
            "extension": current_extension(application.submission),
            "unfiled": None,
            "news": None,
            "offer": each.submission.offer,
            "verdict": display_verdict(application.readiness.verdict),
        }
    assert complement_progress_of(application, at=application.submission.read_at) is not None


def _reviewed(draft: Draft, **changes: Any) -> dict[str, Any]:
    application = _read(draft)
    submission = application.submission
    filing = submission.standing_filing
    return {
        "application": application,
        "news": unread_changes_of(draft),
        "submission": submission,
        "offer": submission.offer,
        "amended": filing,
        "changes": changes_of(application, filing) if filing is not None else [],
        "answered": review_sections(
            application.readiness.asked,
            draft.answers,
            on=_own(draft).read_at.astimezone(submission.offer.zone).date(),
        ),
        "missing": [],
        "folded": set(),
        "mistakes": [],
        "verdict": display_verdict(application.readiness.verdict),
        "lifted": None,
        "was_lifted": False,
        "seen": form_version_of(application.draft),
        "asked": 0,
        "asked_again": False,
        "completion": None,
        "step": "FILE",
        "standing": _standing(draft),
        "parts": part_digests(application),
        "changed": None,
        "notice": None,
        "press": "",
        "is_kept": False,
        "too_late": False,
    } | changes


def test_the_review_page_gets_everything_to_be_filed(
    draft: Draft, amendment: Draft, answering: Draft
) -> None:
    amendment.refresh_from_db()
    asked = ComplementRequest.objects.get()
    completion = complement_progress_of(_read(answering), at=_own(answering).read_at)
    for each, changes in (
        (draft, {}),
        (amendment, {}),
        (answering, {"asked": asked.pk, "completion": completion}),
    ):
        given = view_context(browser_of(each).get(url("review", each)))
        assert given.pop("page").sent == 0
        assert _form(given) == (DeclarationsForm, False)
        assert given == _reviewed(each, **changes)
    assert completion is not None
    assert len(_reviewed(amendment)["changes"]) == 1


def test_the_review_page_of_a_refused_draft_gets_the_request_form() -> None:
    refused = make_draft(birth_date="1970-01-01")
    client = browser_of(refused)
    given = view_context(client.get(url("review", refused)))
    assert given.pop("page").sent == 0
    assert given["form"].initial == {"review_message": ""}
    assert _form(given) == (HumanReviewForm, False)
    assert given == _reviewed(refused, step="ASK_REVIEW")
    close_offer(refused.submission.offer, seconds_ago=60)
    late = view_context(client.get(url("review", refused)))
    assert (late["too_late"], late["step"]) == (True, "CLOSED")


def test_the_pages_of_documents_get_each_card(draft: Draft, answering: Draft) -> None:
    for each, kinds, kept in (
        (draft, [request.kind for request in draft.submission.offer.documents.order_by("position")], []),
        (answering, ["CV"], None),
    ):
        given = view_context(browser_of(each).get(url("documents", each)))
        application = _read(each)
        cards, others = given.pop("cards"), given.pop("kept")
        assert [card.request.kind for card in cards] == kinds
        asked = [row.request.kind for row in application.documents]
        left = [kind for kind in asked if kind not in kinds] if kept is None else kept
        assert [card.request.kind for card in others] == left
        assert {isinstance(card.form, UploadForm) for card in cards} == {True}
        assert {card.form for card in others} <= {None}
        assert given == {
            "application": application,
            "offer": each.submission.offer,
            "news": None,
            "complement": ComplementRequest.objects.filter(submission=each.submission).first(),
            "is_live": True,
        }


def test_the_page_of_one_document_gets_its_card_and_the_complement(draft: Draft, answering: Draft) -> None:
    for each in (draft, answering):
        cv = each.submission.offer.documents.get(kind="CV")
        given = view_context(browser_of(each).get(url("document", each, cv.pk)))
        card = given.pop("card")
        (expected,) = cards_of(_own(each), each, [cv], at=_own(each).read_at)
        assert (card.public_id, card.request, card.document, card.done, card.outcome, card.is_kept) == (
            each.submission.public_id,
            cv,
            each.documents.get(request=cv),
            expected.done,
            "",
            False,
        )
        assert given == {
            "application": _read(each),
            "submission": each.submission,
            "offer": each.submission.offer,
            "news": None,
            "complement": ComplementRequest.objects.filter(submission=each.submission).first(),
            "errors": [],
        }
        refused = browser_of(each).post(url("document", each, cv.pk))
        assert refused.status_code == 422
        assert view_context(refused)["errors"] == [
            {"text": "Choisissez un fichier.", "anchor": f"document-{cv.pk}-file"}
        ]


@pytest.mark.parametrize("header, alone", [("alone", True), ("listed", False)])
def test_a_request_for_the_card_alone_gets_only_the_card(draft: Draft, header: str, *, alone: bool) -> None:
    cv = draft.submission.offer.documents.get(kind="CV")
    page, headers = url("document", draft, cv.pk), {"X-Card": header}
    given = browser_of(draft).get(page, headers=headers)
    assert (given.status_code, given.context["alone"], given.context["card"].name) == (200, alone, "")
    program = {"name": "cv.exe", "size": "12", "head": SimpleUploadedFile("blob", b"MZ\x90\0")}
    refused = browser_of(draft).post(page, program, headers=headers)
    assert (refused.status_code, refused.context["alone"], refused.context["card"].name) == (
        422,
        alone,
        "cv.exe",
    )
    assert refused.context["card"].outcome == "refused"
    taken = browser_of(draft).post(page, {"name": "cv.pdf", "size": "12"}, headers=headers)
    assert (taken.status_code, taken.content) == (204, b"")
    for size in ("²", "12.5", "-1", ""):  # an invalid size counts as none
        assert (
            browser_of(draft).post(page, {"name": "cv.pdf", "size": size}, headers=headers).status_code == 422
        )


def test_the_page_before_a_removal_names_the_file(draft: Draft) -> None:
    cv = draft.submission.offer.documents.get(kind="CV")
    assert view_context(browser_of(draft).get(url("document_remove", draft, cv.pk))) == {
        "application": _read(draft),
        "submission": draft.submission,
        "offer": draft.submission.offer,
        "news": None,
        "asked": cv,
        "document": draft.documents.get(request=cv),
    }


@pytest.mark.parametrize(
    "key, previous, following", [("identite", None, "coordonnees"), ("residence", "statut", "etudes")]
)
def test_the_page_of_a_section_gets_its_position_among_the_others(
    draft: Draft, key: str, previous: str | None, following: str
) -> None:
    client, sections = browser_of(draft), asked_sections(draft.submission.offer)
    section = section_by_key(key, sections)
    assert section is not None
    given = view_context(client.get(url("section", draft, key)))
    form, page = given.pop("form"), given.pop("page")
    assert (type(form), form.is_bound) == (section.form, False)
    assert (len(page.name), page.sent) == (8, 0)
    assert given == {
        "application": _read(draft),
        "section": section,
        "previous": section_by_key(previous, sections) if previous else None,
        "place": [one.key for one in sections].index(key) + 1,
        "places": len(sections),
        "submission": draft.submission,
        "offer": draft.submission.offer,
        "draft": draft,
        "complement": None,
        "news": None,
        "seen": format_seen(section.digests(draft.answers)),
        "conflicts": (),
        "most_bytes": MOST_BYTES,
    }
    posted = {
        name: value for name, value in section.form.as_post_data(draft.answers).items() if value is not None
    }
    for button, leads_to in (
        ({}, url("section", draft, following)),
        ({"stay": "1"}, url("tasks", draft)),
        ({"previous": "1"}, url("section", draft, previous or key)),
    ):
        assert client.post(url("section", draft, key), posted | button).headers["Location"] == leads_to


def test_the_page_of_a_requested_section_counts_only_requested_ones(answering: Draft) -> None:
    given = view_context(browser_of(answering).get(url("section", answering, "etudes")))
    asked = ComplementRequest.objects.get()
    assert (given["place"], given["places"], given["previous"], given["complement"]) == (1, 1, None, asked)


def test_the_page_of_the_notice_can_be_read_again(draft: Draft, amendment: Draft) -> None:
    for each in (draft, amendment):
        assert view_context(browser_of(each).get(url("notice", each))) == {
            "submission": each.submission,
            "offer": each.submission.offer,
            "news": None,
            "form": None,
        }


# -- After filing -----------------------------------------------------------------------------------------------------
def test_the_page_of_the_receipt_gets_the_proof(amendment: Draft) -> None:
    submission = _own(amendment)
    filing = submission.standing_filing
    assert filing is not None
    filed = read_filing(filing)
    standing = _standing(amendment)
    mails = latest_states(filed.receipt, of_kinds=["RECEIPT_MAIL", "DOSSIER_MAIL"])
    live = {
        "submission": submission,
        "standing": standing,
        "filed": filed,
        "receipt_pdf": "UNDER_WAY",
        "receipt_mail": mails.get("RECEIPT_MAIL"),
        "dossier_mail": mails.get("DOSSIER_MAIL"),
        "is_under_way": True,
    }
    assert view_context(browser_of(amendment).get(url("receipt", amendment))) == live | {
        "reserve": "NONE",
        "is_decided": False,
        "offer": submission.offer,
        "steps": next_steps_of(standing, at=submission.read_at),
        "verdict": display_filed_verdict(filed),
        "replaced": None,
        "facts": statement_of(filed.receipt),
        "verify_address": verifying_path(statement_of(filed.receipt)),
        "logged": log_position(filed.receipt.number),
        "logged_by": expected_by(filing.received_at),
        "pause": 2,
    }
    given = browser_of(amendment).get(url("receipt_status", amendment)).context
    assert {key: given[key] for key in live} == live
    assert mails.get("RECEIPT_MAIL") != mails.get("DOSSIER_MAIL")


def test_the_timeline_page_gets_events_mails_and_requested_sections(
    amendment: Draft, answering: Draft
) -> None:
    for each, sections in ((amendment, []), (answering, ["etudes"])):
        standing = _standing(each)
        submission = standing.submission
        assert submission.standing_filing is not None
        given = view_context(browser_of(each).get(url("follow", each)))
        assert [section.key for section in given.pop("sections")] == sections
        assert given == {
            "submission": submission,
            "standing": standing,
            "offer": submission.offer,
            "receipt": submission.standing_filing.receipt,
            "events": events_of(standing),
            "mails": mails_of(submission),
            "erased_on": erasure_day(submission),
        }
        assert len(given["mails"]) > 0


def test_the_pages_before_discarding_and_withdrawing_get_the_status(
    amendment: Draft,
) -> None:
    client = browser_of(amendment)
    stands = {
        "submission": amendment.submission,
        "standing": _standing(amendment),
        "offer": amendment.submission.offer,
    }
    assert view_context(client.get(url("discard", amendment))) == stands | {"news": None}
    asked = view_context(client.get(url("withdraw", amendment)))
    assert (asked["form"].is_bound, asked.pop("form").errors) == (False, {})
    assert asked == stands
    refused = client.post(url("withdraw", amendment), {"reason": ""})
    again = view_context(refused)
    assert (refused.status_code, [*again.pop("form").errors]) == (422, ["reason"])
    assert again == stands


def test_each_page_of_a_draft_gets_the_unread_changes(draft: Draft) -> None:
    Draft.objects.filter(pk=draft.pk).update(changes_noted_at=draft.changes_noted_at - timedelta(days=400))
    mark_cancelled(draft.submission.offer_id)
    draft.submission.offer.changes.create(
        kind="CANCELLED", author=make_user(), reason="Fin.", at=draft.opened_at - timedelta(days=1)
    )
    draft.refresh_from_db()
    news = unread_changes_of(draft)
    assert news is not None
    client = browser_of(draft)
    for name in ("tasks", "documents", "review", "notice"):
        assert view_context(client.get(url(name, draft)))["news"] == news, name
