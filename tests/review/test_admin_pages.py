"""Committees and conflicts in the administration: choices, errors and their place, lifting and removal."""

from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.access import errors
from intake.review.assignment import admin as assignment_admin
from intake.review.models import CommitteeMember, Conflict, ShortlistExport
from intake.review.pages.labels import human_review_count_text
from intake.review.queue import admin as queue_admin
from intake.submissions.models import Submission
from tests.factories.offers import make_draft
from tests.factories.people import client_of, make_administrator, make_staff, make_user
from tests.factories.review import make_conflict, make_filed, make_filed_for_review, make_reviewer
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db
APPLIED = "Cette personne a une candidature à cette offre"
SEATS, CONFLICTS = "/admin/review/committeemember/", "/admin/review/conflict/"


def desk(model: type[Any]) -> Any:
    return admin.site.get_model_admin(model)


def request_of(user: User, address: str = "/admin/", method: str = "get") -> Any:
    request: Any = getattr(RequestFactory(), method)(address)
    request.user, request.resolver_match = user, resolve(address.partition("?")[0])
    return request


# -- Committees ------------------------------------------------------------------------------------------------
def test_a_membership_form_lists_numbered_offers_and_other_assessors() -> None:
    staff, reviewer = make_staff(), make_reviewer()
    make_user()
    first, second, third = make_open_offer(), make_open_offer(), make_open_offer()
    make_draft(number=None)
    form = desk(CommitteeMember).get_form(request_of(staff))
    assert form.actor == staff
    assert list(form.base_fields["offer"].queryset) == [third, second, first]
    assert set(form.base_fields["reviewer"].queryset) == {reviewer}
    assert set(
        desk(CommitteeMember).get_form(request_of(make_administrator())).base_fields["reviewer"].queryset
    ) == {
        reviewer,
        staff,
    }
    shortcuts = ("can_add_related", "can_change_related", "can_delete_related", "can_view_related")
    assert {
        (name, shortcut): getattr(field.widget, shortcut)
        for name, field in form.base_fields.items()
        for shortcut in shortcuts
    } == {(name, shortcut): False for name in ("offer", "reviewer") for shortcut in shortcuts}


@pytest.mark.parametrize(
    "refusal, field, words",
    [
        (
            errors.NotAReviewerError,
            "reviewer",
            "Cette personne n’a pas le rôle nécessaire pour évaluer.",
        ),
        (
            errors.OwnMembershipError,
            "reviewer",
            "Vous ne pouvez pas vous inscrire à un comité : une autre personne doit le faire.",
        ),
        (
            errors.ApplicantError,
            "reviewer",
            f"{APPLIED}\u00a0: elle ne peut pas siéger au comité.",
        ),
        (errors.OwnSubmissionError, "offer", str(errors.InConflictError())),
        (errors.InConflictError, "offer", str(errors.InConflictError())),
    ],
)
def test_a_refused_membership_is_reported_at_its_field(
    monkeypatch: pytest.MonkeyPatch, refusal: type[errors.ReviewError], field: str, words: str
) -> None:
    given: list[dict[str, Any]] = []

    def refuse(**what: Any) -> None:
        given.append(what)
        raise refusal

    monkeypatch.setattr(assignment_admin, "check_membership", refuse)
    offer, reviewer, staff = make_open_offer(), make_reviewer(), make_staff()
    form = desk(CommitteeMember).get_form(request_of(staff))({"offer": offer.pk, "reviewer": reviewer.pk})
    assert {name: list(said) for name, said in form.errors.items()} == {field: [words]}
    assert form.errors.as_data()[field][0].code == refusal.code
    assert given == [{"offer": offer, "reviewer": reviewer, "actor": staff}]


def test_the_admin_page_refuses_memberships_like_the_operation() -> None:
    staff = make_staff()
    member = CommitteeMember(offer=make_open_offer(), reviewer=staff)
    with pytest.raises(ValidationError, match="OWN_SEAT"):
        desk(CommitteeMember).save_model(request_of(staff), member, None, False)  # noqa: FBT003 -- Django's signature
    seated = CommitteeMember(offer=member.offer, reviewer=make_reviewer())
    desk(CommitteeMember).save_model(request_of(staff), seated, None, False)  # noqa: FBT003 -- Django's signature
    assert seated.pk == CommitteeMember.objects.get().pk


def test_a_membership_is_removed_by_an_impartial_user() -> None:
    staff, member, bound = make_staff(), make_staff(), make_staff()
    offer = make_open_offer()
    make_conflict(make_filed(offer), bound)
    make_reviewer(offer)
    CommitteeMember.objects.update(reviewer=member)
    seat = CommitteeMember.objects.get()
    rights = {
        who: [desk(CommitteeMember).has_delete_permission(request_of(user), each) for each in (None, seat)]
        for who, user in (
            ("staff", staff),
            ("member", member),
            ("bound", bound),
            ("reviewer", make_staff(Role.REVIEWER)),
        )
    }
    assert rights == {
        "staff": [True, True],
        "member": [True, False],
        "bound": [True, False],
        "reviewer": [False, False],
    }
    told = {
        who: str(errors.InConflictError())
        in client_of(user).get(f"{SEATS}{seat.pk}/change/").content.decode()
        for who, user in (("staff", staff), ("bound", bound))
    }
    assert told == {"staff": False, "bound": True}
    page = client_of(staff).get(f"{SEATS}add/").content.decode()
    assert "Inscrire une personne à un comité" in page
    assert "_continue" not in page


def test_a_void_membership_is_marked_in_the_list() -> None:
    offer = make_open_offer()
    reviewer = make_reviewer(offer)
    seen = [
        list(desk(CommitteeMember).get_queryset(request_of(make_staff())).values_list("is_void", flat=True))
    ]
    make_filed(offer, candidate=reviewer)
    seen.append(
        list(desk(CommitteeMember).get_queryset(request_of(make_staff())).values_list("is_void", flat=True))
    )
    assert seen == [[False], [True]]


# -- Conflicts -------------------------------------------------------------------------------------------------
def test_a_current_conflict_is_ended_by_an_impartial_user_with_a_reason() -> None:
    filed = make_filed(make_open_offer())
    reviewer, staff, bound = make_reviewer(filed.offer), make_staff(), make_staff()
    conflict = make_conflict(filed, reviewer)
    make_conflict(make_filed(filed.offer), bound)

    def rights(user: User, *about: Conflict | None) -> list[bool]:
        return [desk(Conflict).has_change_permission(request_of(user), each) for each in about]

    assert rights(staff, None, conflict) == [True, True]
    assert rights(bound, None, conflict) == [True, False]
    assert rights(make_staff(Role.REVIEWER), None, conflict) == [False, False]
    conflict.reviewer = staff
    assert rights(staff, conflict) == [False]
    conflict.refresh_from_db()
    page = f"{CONFLICTS}{conflict.pk}/change/"
    shown = client_of(staff).get(page).content.decode()
    assert "Lever un conflit d’intérêts" in shown
    assert "_continue" not in shown
    assert str(errors.InConflictError()) not in shown
    assert str(errors.InConflictError()) in client_of(bound).get(page).content.decode()
    refused = client_of(staff).post(page, {"lift_reason": " "}).content.decode()
    assert "Inscrivez le motif : il reste avec le conflit." in refused
    assert str(errors.InConflictError()) not in refused
    assert client_of(staff).post(page, {"lift_reason": "Erreur de nom."}).status_code == 302
    conflict.refresh_from_db()
    assert (conflict.lifted_by, conflict.lift_reason, conflict.lifted_at is None) == (
        staff,
        "Erreur de nom.",
        False,
    )
    assert rights(staff, conflict) == [False]
    assert str(errors.InConflictError()) not in client_of(bound).get(page).content.decode(), (
        "there is nothing left to lift"
    )


def test_the_reason_for_lifting_a_conflict_has_a_hint_of_its_effect() -> None:
    conflict = make_conflict()
    form = desk(Conflict).get_form(request_of(make_staff()), conflict, change=True)
    assert list(form.base_fields) == ["lift_reason"]
    field = form.base_fields["lift_reason"]
    assert (field.required, str(field.help_text)) == (
        True,
        "La personne lira de nouveau ce dossier, et ses évaluations remises compteront de nouveau.",
    )
    assert conflict.submission.standing_filing is not None
    number = conflict.submission.standing_filing.receipt.number
    assert desk(Conflict).file(conflict) == f"{number} {conflict.submission.filed_name}"


def test_the_list_of_conflicts_hides_own_ones() -> None:
    mine, theirs = make_filed(make_open_offer()), make_filed(make_open_offer())
    staff, other = make_staff(), make_staff()
    conflicts = [make_conflict(mine, staff), make_conflict(theirs, other)]
    found = {
        user: set(desk(Conflict).get_queryset(request_of(user)))
        for user in (staff, other, make_administrator(), theirs.candidate)
    }
    assert list(found.values()) == [{conflicts[1]}, {conflicts[0]}, set(conflicts), set()]
    assert not ShortlistExport.objects.exists()


# -- The queue ---------------------------------------------------------------------------------------------------
QUEUE = "/admin/submissions/submission/"


def test_the_admin_address_of_a_submission_redirects_to_its_page() -> None:
    filed = make_filed(make_open_offer())
    staff = make_staff()
    answer = desk(Submission).change_view(request_of(staff), str(filed.pk))
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/candidatures/{filed.public_id}/")
    barred = make_staff()
    make_conflict(filed, barred)
    for user, key in ((staff, "0"), (staff, "abc"), (staff, f"-{filed.pk}"), (barred, str(filed.pk))):
        with pytest.raises(Http404):
            desk(Submission).change_view(request_of(user), key)


def test_the_queue_page_gets_its_header_context() -> None:
    offer = make_open_offer()
    make_filed_for_review(offer)
    make_filed_for_review(make_open_offer())

    def told(user: User, query: str = "") -> list[Any]:
        context: Any = client_of(user).get(f"{QUEUE}{query}").context_data
        return [context[name] for name in ("title", "seatless", "reserved", "shortlist")]

    staff = make_staff()
    title, seatless, reserved, shortlist = told(staff)
    assert (title, seatless, shortlist) == ("Candidatures", False, {"offer": None})
    assert reserved == human_review_count_text(2)
    assert told(staff, "?reserve=PENDING")[2] == ""
    assert told(staff, f"?offre={offer.number}")[3]["offer"] == offer
    assert told(make_reviewer(offer))[1:3] == [False, ""]
    assert told(make_reviewer())[1:3] == [True, ""]


def test_a_search_filters_few_results_by_key_and_many_by_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer = make_open_offer()
    found, other = make_filed(offer, last_name="Gagnon"), make_filed(offer, last_name="Roy")
    request = request_of(make_staff())
    everything = Submission.objects.order_by("pk")
    search = desk(Submission).get_search_results
    assert [list(search(request, everything, typed)[0]) for typed in ("  ", "gagnon", "roy")] == [
        [found, other],
        [found],
        [other],
    ]
    assert search(request, everything, "gagnon")[1] is False
    assert list(vars(request)["_found_by_search"]) == ["gagnon", "roy"]
    monkeypatch.setattr(queue_admin, "FEW", 1)
    assert queue_admin._search_condition(request.user, "gagnon").children == [("pk__in", [found.pk])]
    monkeypatch.setattr(queue_admin, "FEW", 0)
    assert list(everything.filter(queue_admin._search_condition(request.user, "gagnon"))) == [found]
    assert queue_admin._search_condition(request.user, "gagnon").children != [("pk__in", [found.pk])]


def test_each_page_keeps_the_extra_context() -> None:
    staff, conflict = make_staff(), make_conflict()
    seat = CommitteeMember.objects.get()
    given = {"besides": "x"}
    pages = [
        desk(Submission).changelist_view(request_of(staff, QUEUE), given),
        desk(CommitteeMember).add_view(request_of(staff, f"{SEATS}add/"), "", given),
        desk(CommitteeMember).change_view(request_of(staff), str(seat.pk), "", given),
        desk(Conflict).change_view(request_of(staff), str(conflict.pk), "", given),
    ]
    assert [page.context_data["besides"] for page in pages] == ["x"] * 4
