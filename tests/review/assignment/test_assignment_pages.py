"""Dividing the files of an offer by hand, by a CSV file or evenly, each with a preview."""

import re
from datetime import timedelta
from importlib import import_module
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.journal.models import LIST_SHOWN, Entry
from intake.review.access.errors import InConflictError
from intake.review.assignment.operations import (
    AssignmentNotAllowedError,
    StaleDivisionError,
    assign_evenly,
    assign_files,
)
from intake.review.assignment.queries import RefusalReason, propose_division
from intake.review.committees.operations import declare_conflict
from intake.review.dashboard.figures import work_counts
from intake.review.models import Assignment
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
)
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of
from tests.review.reading import assigned_pairs, number_of

pytestmark = pytest.mark.django_db

TOMORROW = (timezone.now() + timedelta(days=2)).date()


class CaseData(NamedTuple):
    """An offer, its committee, three unassigned files, and a staff member."""

    offer: Offer
    ann: User
    bob: User
    files: list[Submission]
    staff: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer()
    return CaseData(
        offer=offer,
        ann=make_reviewer(offer, email="ann@exemple.invalid"),
        bob=make_reviewer(offer, email="bob@exemple.invalid"),
        files=[make_filed(offer) for _file in range(3)],
        staff=make_staff(),
    )


offer, staff = copy_of("offer"), copy_of("staff")


def give(submission: Submission, reviewer: User, staff: User) -> int:
    return assign_files(
        offer=submission.offer,
        pairs=[(submission.pk, reviewer.pk)],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=staff,
        at=timezone.now(),
    )


def page_of(offer: Offer, name: str = "assignments") -> str:
    return reverse(f"review:{name}", args=[offer.number])


# -- By hand -----------------------------------------------------------------------------------------------
def test_a_reader_who_marked_or_may_not_read_the_file_cannot_be_changed(
    offer: Offer, kept: CaseData, staff: User
) -> None:
    give(kept.files[0], kept.ann, staff)
    make_assessment(kept.files[0], kept.ann, 3)
    make_conflict(kept.files[1], kept.bob)
    searched = client_of(staff).get(page_of(offer), {"q": number_of(kept.files[0])})
    assert [row.submission for row in searched.context["rows"]] == kept.files[:1]
    shown = client_of(staff).get(page_of(offer)).content.decode()
    boxes = re.findall(r'<input type="checkbox"[^>]*>', shown)
    assert len(boxes) == 6
    assert ["disabled" in box for box in boxes] == ['name="lit"' not in box for box in boxes]
    assert sum("disabled" in box for box in boxes) == 2


def test_ticked_files_are_assigned_and_concurrent_assignments_stay(
    offer: Offer, kept: CaseData, staff: User
) -> None:
    first, second, _third = kept.files
    ann, bob = kept.ann, kept.bob
    give(first, ann, staff)
    browser = client_of(staff)
    shown = browser.get(page_of(offer)).content.decode()
    assert number_of(first) in shown
    assert f'name="etait" value="{first.pk}-{ann.pk}"' in shown
    give(second, ann, make_staff())
    answer = browser.post(
        page_of(offer),
        {
            "shown": "on",
            "etait": [f"{first.pk}-{ann.pk}"],
            "lit": [f"{first.pk}-{bob.pk}"],
            "due_on": TOMORROW.isoformat(),
        },
        follow=True,
    )
    assert "1\u00a0évaluation attribuée. 1\u00a0attribution retirée." in answer.content.decode()
    assert assigned_pairs() == {(first.pk, bob.pk), (second.pk, ann.pk)}
    assert Assignment.objects.get(reviewer=bob).due_on == TOMORROW
    assert [entry.action for entry in Entry.objects.exclude(action=LIST_SHOWN).order_by("pk")][-2:] == [
        "FILES_ASSIGNED",
        "ASSIGNMENT_REMOVED",
    ]


@pytest.mark.full
def test_the_form_of_a_large_committee_fits_the_field_limit(
    offer: Offer, kept: CaseData, staff: User
) -> None:
    members = [kept.ann, kept.bob, *(make_reviewer(offer) for _member in range(20))]
    files = [*kept.files, *(make_filed(offer) for _file in range(17))]
    assign_files(
        offer=offer,
        pairs=[(file.pk, member.pk) for file in files for member in members],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=staff,
        at=timezone.now(),
    )
    browser = client_of(staff)
    shown = browser.get(page_of(offer)).content.decode()
    fields = re.findall(r'<input type="(?:checkbox|hidden)" name="(lit|etait)" value="([^"]+)"', shown)
    assert len({pair.split("-")[0] for name, pair in fields if name == "lit"}) == 19
    asked = {name: [value for kept, value in fields if kept == name] for name in ("lit", "etait")}
    taken_back = asked["lit"].pop()
    answer = browser.post(page_of(offer), asked | {"shown": "on"}, follow=True)
    assert "1 attribution retirée." in answer.content.decode()
    file, member = taken_back.split("-")
    assert (int(file), int(member)) not in assigned_pairs()
    assert len(assigned_pairs()) == 22 * 20 - 1


def test_a_marked_assignment_is_not_removed(offer: Offer, kept: CaseData, staff: User) -> None:
    submission, ann = kept.files[0], kept.ann
    give(submission, ann, staff)
    make_assessment(submission, ann, 4)
    browser = client_of(staff)
    assert "note remise" in browser.get(page_of(offer)).content.decode()
    browser.post(page_of(offer), {"shown": "on", "etait": [f"{submission.pk}-{ann.pk}"]})
    assert assigned_pairs() == {(submission.pk, ann.pk)}


def test_one_forbidden_assignment_refuses_all_of_the_request(
    offer: Offer, kept: CaseData, staff: User
) -> None:
    mine, theirs, _third = kept.files
    ann, bob = kept.ann, kept.bob
    make_conflict(mine, ann)
    own = make_filed(offer, candidate=bob)
    reserved = make_filed_for_review(offer)
    stranger = make_reviewer(make_open_offer())
    elsewhere = make_filed(make_open_offer())
    asked = {
        (mine.pk, ann.pk): RefusalReason.CONFLICT,
        (own.pk, bob.pk): RefusalReason.OWN,
        (reserved.pk, ann.pk): RefusalReason.UNDER_RESERVE,
        (theirs.pk, stranger.pk): RefusalReason.NO_MEMBER,
        (elsewhere.pk, ann.pk): RefusalReason.NO_FILE,
    }
    with pytest.raises(AssignmentNotAllowedError) as refused:
        assign_files(
            offer=offer,
            pairs=[*asked, (theirs.pk, ann.pk)],
            way=Assignment.Way.HAND,
            due_on=None,
            actor=staff,
            at=timezone.now(),
        )
    assert refused.value.refused == asked
    answer = client_of(staff).post(page_of(offer), {"shown": "on", "lit": [f"{mine.pk}-{ann.pk}"]})
    assert answer.status_code == 422
    assert "a un conflit d’intérêts avec" in answer.content.decode()
    assert not assigned_pairs()


def test_a_file_hidden_from_a_staff_member_is_on_no_page(staff: User) -> None:
    offer = make_open_offer()
    hidden, seen = make_filed(offer, last_name="Cachée"), make_filed(offer)
    ann = make_reviewer(offer)
    declare_conflict(submission=hidden, reviewer=staff, actor=staff)
    shown = client_of(staff).get(page_of(offer), follow=True).content.decode()
    assert number_of(hidden) not in shown
    assert "Cachée" not in shown
    free = client_of(make_staff()).get(page_of(offer)).content.decode()
    assert number_of(hidden) in free
    assert "Cachée" in free
    assert propose_division(offer=offer, readers=1, actor=staff).division.given == ((seen.pk, ann.pk),)
    for file in (hidden, seen):
        with pytest.raises(InConflictError):
            give(file, ann, staff)


def test_a_past_day_is_refused_and_the_ticks_are_kept(offer: Offer, kept: CaseData, staff: User) -> None:
    submission, ann = kept.files[0], kept.ann
    answer = client_of(staff).post(
        page_of(offer), {"shown": "on", "lit": [f"{submission.pk}-{ann.pk}"], "due_on": "2020-01-01"}
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Ce jour est passé" in text
    assert f'value="{submission.pk}-{ann.pk}" checked' in text


# -- Evenly ------------------------------------------------------------------------------------------------
def test_an_even_division_is_previewed_then_done_once(offer: Offer, kept: CaseData, staff: User) -> None:
    files, ann, bob = kept.files, kept.ann, kept.bob
    make_conflict(files[0], ann)
    browser = client_of(staff)
    asked: dict[str, Any] = {"readers": 2, "due_on": TOMORROW.isoformat()}
    shown = browser.get(page_of(offer, "assign_evenly"), asked)
    text = shown.content.decode()
    assert "5 évaluations seraient attribuées" in text
    assert "1\u00a0dossier n’aurait pas toutes ses évaluations" in text
    assert "conflits d’intérêts" in text
    assert not assigned_pairs()
    sent = asked | {"seen": shown.context["proposal"].digest}
    done = browser.post(page_of(offer, "assign_evenly"), sent, follow=True).content.decode()
    assert "5\u00a0évaluations attribuées" in done
    everyone = {(file.pk, member.pk) for file in files for member in (ann, bob)}
    assert assigned_pairs() == everyone - {(files[0].pk, ann.pk)}
    entry = Entry.objects.get(action="FILES_ASSIGNED")
    lots = f"readers=2, common=0, seed={shown.context['proposal'].seed}"
    assert entry.detail == f"EVEN: {ann.public_id}=2, {bob.public_id}=3; {TOMORROW.isoformat()}; {lots}"
    again = browser.post(page_of(offer, "assign_evenly"), sent)
    assert again.status_code == 422
    assert "rien n’est attribué" in again.content.decode()
    assert Assignment.objects.count() == 5


def test_a_stale_division_is_refused(offer: Offer, staff: User) -> None:
    seen = propose_division(offer=offer, readers=1, actor=staff).digest
    make_filed(offer)
    with pytest.raises(StaleDivisionError):
        assign_evenly(offer=offer, readers=1, due_on=None, actor=staff, seen=seen, at=timezone.now())
    assert not assigned_pairs()


def test_an_even_division_runs_as_many_queries_for_four_files_as_for_one(offer: Offer, staff: User) -> None:
    def queries() -> int:
        make_filed(offer)
        seen = propose_division(offer=offer, readers=1, actor=staff).digest
        with CaptureQueriesContext(connection) as captured:
            assign_evenly(offer=offer, readers=1, due_on=None, actor=staff, seen=seen, at=timezone.now())
        return len(captured)

    queries()  # fills the caches before the queries are counted
    one = queries()
    for _ in range(3):
        make_filed(offer)
    assert queries() == one


# -- By a CSV file -----------------------------------------------------------------------------------------
def test_a_list_is_previewed_then_assigned(offer: Offer, kept: CaseData, staff: User) -> None:
    (first, second, _third), ann = kept.files, kept.ann
    give(first, ann, staff)
    browser = client_of(staff)
    lines = [f"ANN@exemple.invalid;{number_of(first)}", f"ann@exemple.invalid;{number_of(second).lower()}"]
    text = "\r\n".join(["courriel;numero", *lines, ""])
    read = browser.post(page_of(offer, "assign_by_file"), {"file": listed(text)})
    shown = read.content.decode()
    assert "1 évaluation serait attribuée." in shown
    assert "1\u00a0évaluation est déjà attribuée" in shown
    confirmed = {"text": read.context["text"], "confirm": "1", "due_on": ""}
    again = browser.post(page_of(offer, "assign_by_file"), confirmed | {"file": listed(text)})
    assert again.status_code == 200, "another file was chosen: it is read first"
    assert Assignment.objects.count() == 1
    done = browser.post(page_of(offer, "assign_by_file"), confirmed)
    assert done.status_code == 302
    assert assigned_pairs() == {(first.pk, ann.pk), (second.pk, ann.pk)}
    assert Assignment.objects.get(submission=second).way == Assignment.Way.FILE


def test_each_wrong_line_of_a_list_is_reported_and_none_assigned(
    offer: Offer, kept: CaseData, staff: User
) -> None:
    submission = kept.files[0]
    make_conflict(submission, kept.bob)
    text = (
        "numero,courriel\n"
        f"{number_of(submission)},ann@exemple.invalid\n"
        "2031-010-000999-Z,ann@exemple.invalid\n"
        f"{number_of(submission)},personne@exemple.invalid\n"
        f"{number_of(submission)},bob@exemple.invalid\n"
        "une seule cellule\n"
    )
    browser = client_of(staff)
    for sent in ({"file": listed(text)}, {"text": text, "confirm": "1"}):
        answer = browser.post(page_of(offer, "assign_by_file"), sent)
        assert answer.status_code == 422
        shown = answer.content.decode()
        for words in (
            "Ligne 3, colonne numero\u00a0: aucune candidature",
            "Ligne 4, colonne courriel\u00a0: «\u00a0personne@exemple.invalid\u00a0» ne siège pas",
            "Ligne 5\u00a0: bob@exemple.invalid a un conflit d’intérêts",
            "Ligne 6\u00a0: 1\u00a0cellule au lieu de 2",
        ):
            assert words in shown
    assert not assigned_pairs()


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "Ce fichier est vide"),
        (b"nom,prenom\na,b\n", "Ligne 1\u00a0: les colonnes sont"),
        (b"numero,courriel\n", "la liste n’attribue aucun dossier"),
        (b"numero,courriel\n\xff\xfe\n", "enregistrez la liste en CSV UTF-8"),
    ],
)
def test_an_invalid_list_is_explained(offer: Offer, staff: User, content: bytes, words: str) -> None:
    answer = client_of(staff).post(page_of(offer, "assign_by_file"), {"file": listed(content)})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def listed(text: str | bytes) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return SimpleUploadedFile("liste.csv", content, content_type="text/csv")


# -- Work of each member -------------------------------------------------------------------------------------
def test_in_a_divided_offer_members_assess_only_assigned_files(
    offer: Offer, kept: CaseData, staff: User
) -> None:
    first, ann, bob = kept.files[0], kept.ann, kept.bob
    assert [work_counts(user)["unmarked"] for user in (ann, bob)] == [3, 3]
    give(first, ann, staff)
    assert [work_counts(user)["unmarked"] for user in (ann, bob)] == [1, 0]
    queue = client_of(ann).get(reverse("admin:submissions_submission_changelist"), {"a-moi": "a-noter"})
    assert [row.pk for row in queue.context["cl"].result_list] == [first.pk]
    make_assessment(first, ann, 3)
    assert work_counts(ann)["unmarked"] == 0
    make_conflict(first, bob)
    assert propose_division(offer=offer, readers=1, actor=staff).has == {ann.pk: 1}


def test_the_page_runs_as_many_queries_for_three_files_as_for_one(offer: Offer, staff: User) -> None:
    browser = client_of(staff)

    def queries() -> int:
        submission, member = make_filed(offer), make_reviewer(offer)
        give(submission, member, staff)
        browser.get(page_of(offer))
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(page_of(offer)).status_code == 200
        return len(captured)

    one = queries()
    queries()
    assert queries() == one


def test_counts_of_a_member_stop_at_the_maximum_length_of_a_list(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = make_open_offer()
    busy, idle = make_reviewer(offer), make_reviewer(offer)
    files = [make_filed(offer) for _each in range(4)]
    make_assessment(files[0], busy, 3)
    address = reverse("review:assignments", args=[offer.number])

    def figures() -> dict[User, tuple[int, int, bool]]:
        shown = client_of(staff).get(address)
        rows = shown.context["progress"].rows
        words = " ".join(shown.content.decode().split())
        for row in rows:
            said = f"plus de {row.left}" if row.more else str(row.left)
            assert f'-a-noter">{said}</a>' in words
        return {row.member: (row.asked, row.left, row.more) for row in rows}

    assert figures() == {busy: (4, 3, False), idle: (4, 4, False)}
    view = import_module("intake.review.assignment.views.assignments")
    monkeypatch.setattr(view, "MAX_LISTED", 3)
    assert figures() == {busy: (4, 3, False), idle: (3, 3, True)}
    monkeypatch.setattr(view, "MAX_LISTED", 2)
    assert figures() == {busy: (3, 2, True), idle: (2, 2, True)}
