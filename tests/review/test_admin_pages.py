"""Lists of the administration: the columns that a reader gets, and rows that nobody adds, changes or deletes."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.http import Http404
from django.test import RequestFactory

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.models import CommitteeMember, Conflict, ShortlistExport
from intake.submissions.models import Submission
from tests.factories.people import make_staff
from tests.factories.review import make_conflict, make_filed
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


def desk(model: type[Any]) -> Any:
    return admin.site.get_model_admin(model)


def request_of(user: User, query: str = "") -> Any:
    request: Any = RequestFactory().get(f"/admin/{query}")
    request.user = user
    return request


@pytest.mark.parametrize("role", [Role.STAFF, Role.REVIEWER])
def test_the_columns_of_the_queue_depend_on_permission_and_chosen_offer(role: Role) -> None:
    user = make_staff(role)
    shown = {
        query: set(desk(Submission).get_list_display(request_of(user, query))) for query in ("", "?offre=1")
    }
    assert shown[""] - shown["?offre=1"] == {"offer_number"}
    assert [("mean" in columns) for columns in shown.values()] == [role == Role.STAFF] * 2


def test_history_queue_and_conflicts_cannot_be_added_or_deleted() -> None:
    everything: Any = SimpleNamespace(user=User(is_superuser=True, is_active=True, is_staff=True))
    refused = {
        ShortlistExport: ("add", "change", "delete"),
        Submission: ("add", "change", "delete"),
        Conflict: ("add", "delete"),
        CommitteeMember: ("change",),
    }
    allowed = [
        (model, act)
        for model, acts in refused.items()
        for act in acts
        if getattr(desk(model), f"has_{act}_permission")(everything)
    ]
    assert allowed == []


def test_the_admin_address_of_a_submission_redirects_to_its_page() -> None:
    filed = make_filed(make_open_offer())
    staff, barred = make_staff(), make_staff()
    answer = desk(Submission).change_view(request_of(staff), str(filed.pk))
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/candidatures/{filed.public_id}/")
    make_conflict(filed, barred)
    for user, key in ((staff, "0"), (staff, "abc"), (staff, f"-{filed.pk}"), (barred, str(filed.pk))):
        with pytest.raises(Http404):
            desk(Submission).change_view(request_of(user), key)
