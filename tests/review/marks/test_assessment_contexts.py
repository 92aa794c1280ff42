"""Contexts of a file's page: marks, anonymous review, and conflicts of interest."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.access.anonymous_review import with_name_visibility
from intake.review.access.errors import HumanReviewPendingError, NotOnCommitteeError, StaleFilingError
from intake.review.committees.operations import remove_committee_member, start_anonymous_review
from intake.review.marks import scores
from intake.review.marks.errors import AlreadySubmittedError, StaleAssessmentError
from intake.review.marks.operations import AssessmentData, LineMarkData, submit_assessment
from intake.review.marks.panel import assessment_context
from intake.review.models import Assessment, CommitteeMember
from intake.review.pages.labels import state_label
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action, State
from offers.models import GridLineData, Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_filed, make_filed_for_review, make_reviewer
from tests.factories.submissions import ALL_DECLARATIONS, make_open_offer
from tests.review.form_errors import error_codes
from tests.review.page_responses import asked_by, page, redirect_of, refusing, url, view_context

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")
GRID = (GridLineData(text="a mené un projet"), GridLineData(text="parle arabe", requirement="ASSET"))


def part(context: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: context[name] for name in names}


def number(file: Submission) -> str:
    assert file.standing_filing is not None
    return file.standing_filing.receipt.number


def as_read_by(user: User, file: Submission) -> Submission:
    return with_name_visibility(Submission.objects.filter(pk=file.pk).select_related("offer"), user).get()


def assessment_data(offer: Offer, *values: int | None, note: str = "") -> AssessmentData:
    lines = offer.grid_lines.order_by("position")
    marks = {
        line.pk: LineMarkData(value, f"Point {line.position}.")
        for line, value in zip(lines, values, strict=True)
    }
    return AssessmentData(lines=marks, note=note)


def test_assessments_are_compared_line_by_line() -> None:
    offer = make_open_offer(grid=GRID)
    filed = make_filed(offer)
    first, second = offer.grid_lines.order_by("position")
    ann, bob, cy = (make_reviewer(offer) for _time in range(3))
    at = timezone.now()
    for place, (person, values) in enumerate(((bob, (4, 1)), (ann, (5, 3)), (cy, (2, 2)))):
        submit_assessment(
            submission=filed,
            reviewer=person,
            given=assessment_data(offer, *values, note=f"Note {place}."),
            version=0,
            at=at + timedelta(minutes=place),
        )
    row = as_read_by(ann, filed)
    seen = assessment_context(asked_by(ann), row, None, None)
    assert [(each["reviewer"], each["score"], each["note"], each["old"]) for each in seen["assessments"]] == [
        (bob, "3 — Bonne", "Note 0.", False),
        (cy, scores.score_text(Decimal(2)), "Note 2.", False),
    ]
    assert [each["reviewer"] for each in seen["compared"]] == [bob, ann, cy]
    assert [
        (each["text"], [(one.mark, one.remark) for one in each["marks"]]) for each in seen["compared_lines"]
    ] == [
        (first.text, [(4, "Point 1."), (5, "Point 1."), (2, "Point 1.")]),
        (second.text, [(1, "Point 2."), (3, "Point 2."), (2, "Point 2.")]),
    ]
    assert [(each["line"], each["weight"], each["said"]) for each in seen["grid"]] == [
        (first, 2, None),
        (second, 1, None),
    ]
    assert [(each["mark"].name, each["remark"].name) for each in seen["grid"]] == [
        (f"line_{line.pk}", f"remark_{line.pk}") for line in (first, second)
    ]
    own = seen["own"]
    assert seen["form"].initial == {
        "mark": None,
        "note": "Note 1.",
        "version": 1,
        "filing": filed.standing_filing_id,
        f"line_{first.pk}": 5,
        f"remark_{first.pk}": "Point 1.",
        f"line_{second.pk}": 3,
        f"remark_{second.pk}": "Point 2.",
    }
    assert (own.reviewer, own.score) == (ann, Decimal("4.333"))
    assert part(seen, *STATUS) == USUAL | {
        "own_is_in": True,
        "own_score": "4,33",
        "sits": True,
        "mean": "3,1 (3\u00a0notes)",
    }


STATUS = (
    *("own_is_old", "own_is_in", "own_score", "sits", "incomplete", "under_reserve"),
    *("unseen", "left", "mean"),
)
USUAL = {
    "own_is_old": False,
    "own_is_in": False,
    "own_score": "",
    "sits": False,
    "incomplete": False,
    "under_reserve": False,
    "unseen": False,
    "left": False,
    "mean": "",
}


def test_the_visible_marks_depend_on_the_own_assessment(offer: Offer, filed: Submission, staff: User) -> None:
    ann, bob = make_reviewer(offer), make_reviewer(offer)
    make_assessment(filed, bob, 4, "Solide.")

    def seen(user: User, row: Submission = filed) -> dict[str, Any]:
        return assessment_context(asked_by(user), as_read_by(user, row), None, None)

    before = seen(ann)
    assert part(before, *STATUS) == USUAL | {"sits": True, "unseen": True}
    assert (before["assessments"], before["compared"], before["compared_lines"], before["own"]) == (
        None,
        [],
        [],
        None,
    )
    assert before["form"].initial == {
        "mark": None,
        "note": "",
        "version": 0,
        "filing": filed.standing_filing_id,
    }
    make_assessment(filed, ann, None, "Brouillon.")
    draft = seen(ann)
    assert part(draft, *STATUS) == USUAL | {"sits": True, "unseen": True, "own_score": draft["own_score"]}
    assert draft["form"].initial["note"] == "Brouillon."
    outside = seen(staff)
    assert part(outside, *STATUS) == USUAL | {"mean": "4,0 (1\u00a0note)"}
    assert [each["note"] for each in outside["assessments"]] == ["Solide."]
    assert outside["compared"] == [], "there is no grid to compare on"
    remove_committee_member(member=CommitteeMember.objects.get(reviewer=ann), actor=staff)
    gone = assessment_context(asked_by(ann), as_read_by(staff, filed), None, None)
    assert part(gone, "sits", "left", "unseen") == {"sits": False, "left": True, "unseen": False}
    reserved = make_filed_for_review(offer)
    assert part(seen(bob, reserved), "under_reserve", "sits") == {"under_reserve": True, "sits": True}


@pytest.mark.parametrize(
    "acte, words",
    [
        ("remettre", "Votre évaluation est remise."),
        ("", "Votre brouillon est enregistré : il est visible pour vous seulement."),
        ("autre", "Votre brouillon est enregistré : il est visible pour vous seulement."),
    ],
)
def test_an_assessment_is_saved_or_submitted_by_its_button(
    offer: Offer, filed: Submission, acte: str, words: str
) -> None:
    reviewer = make_reviewer(offer)
    sent = {
        "mark": "4",
        "note": "Bien.",
        "version": "0",
        "filing": str(filed.standing_filing_id),
        "acte": acte,
    }
    kept = "?_changelist_filters=etat%3DSUBMITTED"
    answer = client_of(reviewer).post(url("file", filed.public_id) + kept, sent)
    assert redirect_of(answer) == (url("file", filed.public_id) + kept, [("success", words)])


# -- Anonymous review -----------------------------------------------------------------------------------------------
def test_anonymous_review_is_started_and_ended_once_with_messages(offer: Offer, staff: User) -> None:
    page = url("blind_reading", offer.number)
    client = client_of(staff)
    for value in (3, 4):
        make_assessment(make_filed(offer), make_reviewer(offer), value)
    first = view_context(client.get(page))
    assert part(first, "title", "offer", "impartial", "running", "marks", "place") == {
        "title": "Évaluation anonyme",
        "offer": offer,
        "impartial": True,
        "running": None,
        "marks": 2,
        "place": {"queue_url": f"{QUEUE}?offre={offer.number}"},
    }
    hidden = "L’évaluation de cette offre est anonyme : le comité ne voit plus les noms."
    lifted = "L’évaluation anonyme est terminée : le comité lit les noms."
    for _round in range(2):
        assert redirect_of(client.post(page)) == (page, [("success", hidden)])
        assert redirect_of(client.post(page)) == (page, []), "it is read blind already"
        running = view_context(client.get(page))["running"]
        assert (running.begun_by, running.ended_at) == (staff, None)
        assert redirect_of(client.post(page, {"acte": "lever"})) == (page, [("success", lifted)])
        assert redirect_of(client.post(page, {"acte": "lever"})) == (page, [])
    history = list(view_context(client.get(page))["history"])
    assert [row.pk for row in history] == sorted((row.pk for row in history), reverse=True)
    assert len(history) == 2


def test_a_file_in_anonymous_review_has_no_name(offer: Offer, filed: Submission) -> None:
    reader, other = make_reviewer(offer), make_reviewer(offer)
    make_assessment(filed, other, 4, "Elle est brillante.")
    make_assessment(filed, reader, 3)
    start_anonymous_review(offer=offer, actor=make_staff())
    page = url("file", filed.public_id)
    kept = "?_changelist_filters=etat%3DSUBMITTED"
    seen = view_context(client_of(reader).get(page + kept))
    filing = filed.standing_filing
    assert filing is not None
    assert part(
        seen, "title", "submission", "number", "filing", "state", "assessments", "unseen", "kept_query"
    ) == {
        "title": f"Candidature {number(filed)}",
        "submission": filed,
        "number": number(filed),
        "filing": filing,
        "state": state_label(State.SUBMITTED),
        "assessments": None,
        "unseen": False,
        "kept_query": kept,
    }
    assert seen["place"].queue_url == f"{QUEUE}?etat=SUBMITTED"
    assert seen["payload"].person.last_name == ""
    assert [move["label"] for move in seen["moves"]] == [TABLE[Action.START_REVIEW].label]
    assert {frozenset(finding) for finding in seen["findings"]} == {frozenset({"title", "outcome"})}
    assert {finding["outcome"] for finding in seen["findings"]} >= {"MET"}
    assert view_context(client_of(reader).get(page))["kept_query"] == ""
    sent = {"mark": "9", "note": "", "version": "0", "filing": str(filing.pk)}
    assert client_of(reader).post(page, sent).status_code == 422


# -- Conflicts ------------------------------------------------------------------------------------------------------
def test_a_conflict_is_declared_for_oneself_or_for_a_member(
    offer: Offer, filed: Submission, staff: User
) -> None:
    ann = make_reviewer(offer)
    page, file = url("conflict", filed.public_id), url("file", filed.public_id)
    kept = "?_changelist_filters=etat%3DSUBMITTED"
    seen = view_context(client_of(staff).get(page + kept))
    form = seen.pop("form")
    assert seen == {
        "title": "Déclarer un conflit d’intérêts",
        "submission": filed,
        "name": filed.filed_name,
        "is_blind": False,
        "number": number(filed),
        "back_url": file + kept,
        "for_others": True,
        "bound_words": "",
    }
    assert form.initial == {"seen": 0}
    assert form.fields["reviewer"].choices == [(staff.pk, "Moi"), (ann.pk, str(ann))]
    own = view_context(client_of(ann).get(page))
    assert ("reviewer" in own["form"].fields, own["for_others"]) == (False, False)
    other = f"Le conflit d’intérêts est déclaré : {ann} ne voit plus cette candidature."
    sent = {"seen": "0", "reviewer": str(ann.pk), "reason": "Sa nièce."}
    assert redirect_of(client_of(staff).post(page + kept, sent)) == (
        file + kept,
        [("success", other)],
    )
    mine = "Votre conflit d’intérêts est déclaré : vous n’avez plus accès à cette candidature."
    seen_now = view_context(client_of(staff).get(page))["form"].initial["seen"]
    sent = {"seen": str(seen_now), "reviewer": str(staff.pk)}
    assert redirect_of(client_of(staff).post(page + kept, sent)) == (
        f"{QUEUE}?etat=SUBMITTED",
        [("success", mine)],
    )


def test_a_refused_assessment_is_displayed_over_the_current_filing(offer: Offer, filed: Submission) -> None:
    reviewer = make_reviewer(offer)
    client, file = client_of(reviewer), url("file", filed.public_id)
    old = filed.standing_filing_id
    draft = start_amendment(submission=filed, actor=filed.candidate)
    file_draft(draft=draft, actor=filed.candidate, declarations=ALL_DECLARATIONS)
    filed.refresh_from_db()
    sent = {"mark": "4", "note": "Bien.", "version": "0", "filing": str(old), "acte": "remettre"}

    def refused(**changes: str) -> Any:
        answer = client.post(file, sent | changes)
        assert answer.status_code == 422
        return view_context(answer)["form"]

    replaced = refused()
    assert error_codes(replaced) == {
        "__all__": [with_plain_spaces(str(StaleFilingError()))],
    }
    now = str(filed.standing_filing_id)
    assert (replaced.data["filing"], replaced.data["note"]) == (filed.standing_filing_id, "Bien.")
    unmarked = refused(mark="", filing=now)
    missing = (
        "Il manque des notes pour remettre votre évaluation. Rien n’est encore enregistré : "
        "complétez, ou enregistrez le brouillon."
    )
    choose = "Choisissez une note : elle est obligatoire pour remettre votre évaluation."
    assert error_codes(unmarked) == {"mark": [choose], "__all__": [missing]}
    kept = [("success", "Votre évaluation est remise.")]
    assert redirect_of(client.post(file, sent | {"filing": now})) == (file, kept)
    stale = refused(filing=now, mark="1")
    own = Assessment.objects.get()
    assert stale.data["version"] == own.version == 1
    assert error_codes(stale) == {
        "__all__": [with_plain_spaces(str(StaleAssessmentError(saved_at=own.saved_at)))]
    }
    again = refused(filing=now, mark="1", version="1", acte="brouillon")
    assert error_codes(again) == {"__all__": [with_plain_spaces(str(AlreadySubmittedError()))]}
    reserved = make_filed_for_review(offer)
    answer = client.post(url("file", reserved.public_id), sent | {"filing": str(reserved.standing_filing_id)})
    assert error_codes(view_context(answer)["form"]) == {
        "__all__": [with_plain_spaces(str(HumanReviewPendingError()))]
    }
    assert view_context(answer)["under_reserve"] is True


def test_an_assessment_of_who_left_the_committee_meanwhile_comes_back_with_why(
    offer: Offer, filed: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page("marks.panel"), "save_assessment", refusing(NotOnCommitteeError()))
    sent = {"mark": "4", "version": "0", "filing": str(filed.standing_filing_id)}
    answer = client_of(make_reviewer(offer)).post(url("file", filed.public_id), sent)
    assert error_codes(view_context(answer)["form"]) == {
        "__all__": ["Vous ne siégez pas au comité de cette offre : rien n’a été enregistré."]
    }


def with_plain_spaces(text: str) -> str:
    return text.replace("\u00a0", " ")
