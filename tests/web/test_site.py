"""The administration site: sign-in, sign-out, and requests that it refuses."""

import os
import subprocess
import sys

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.test import Client, RequestFactory

from intake.web.site import check_lookup_values
from tests.factories.people import make_user

pytestmark = [pytest.mark.urls("tests.web.sample"), pytest.mark.django_db]


def _signed_in(client: Client, email: str = "camille@exemple.invalid", **fields: bool) -> Client:
    client.force_login(make_user(email, **fields))
    return client


def test_a_signed_in_candidate_is_refused_without_a_redirect(client: Client) -> None:
    response = _signed_in(client).get("/admin/", follow=True)
    assert (response.status_code, response.redirect_chain) == (403, [("/admin/login/?next=/admin/", 302)])
    staff = _signed_in(Client(), "personnel@exemple.invalid", is_staff=True).get("/admin/", follow=True)
    assert (staff.status_code, staff.redirect_chain) == (200, [])


@pytest.mark.parametrize(
    "path, query, rows, refused",
    [
        ("/admin/", "", [], False),
        ("/admin/", "q=%01", ["0", "12"], False),
        ("/admin/a\0b/", "", [], True),
        ("/admin/", "q=a%00b", [], True),
        ("/admin/", "_to_field=", [], True),
        ("/admin/", "", ["12", "a"], True),
        ("/admin/", "", ["-1"], True),
        ("/admin/", "", ["9" * 5_000], True),
        ("/admin/", "", [""], True),
    ],
)
def test_invalid_keys_of_rows_are_refused(path: str, query: str, rows: list[str], refused: bool) -> None:  # noqa: FBT001 -- a table's column
    request = RequestFactory().post("/admin/", {"_selected_action": rows}, QUERY_STRING=query)
    request.path = path
    if not refused:
        check_lookup_values(request)
        return
    with pytest.raises(BadRequest):
        check_lookup_values(request)


def test_the_admin_login_keeps_the_complete_target_and_is_not_cached(client: Client) -> None:
    wanted = "/admin/accounts/user/?role=aucun&q=é"
    sent = client.get("/admin/login/", {"next": wanted})
    assert sent.headers["Location"] == ("/connexion/?next=/admin/accounts/user/%3Frole%3Daucun%26q%3D%C3%A9")
    assert "no-store" in sent.headers["Cache-Control"]
    assert client.get("/admin/login/").headers["Location"] == "/connexion/?next=/admin/"
    _signed_in(client, is_staff=True)
    for asked, reached in (
        (wanted, "/admin/accounts/user/?role=aucun&q=%C3%A9"),
        ("//exemple.invalid/", "/admin/"),
    ):
        assert client.get("/admin/login/", {"next": asked}).headers["Location"] == reached


def test_signing_out_of_the_administration_requires_a_post(client: Client) -> None:
    _signed_in(client, is_staff=True)
    refused = client.get("/admin/logout/")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert client.get("/admin/").status_code == 200
    left = client.post("/admin/logout/")
    assert left.headers["Location"] == "/"
    assert "no-store" in left.headers["Cache-Control"]
    assert client.get("/admin/").status_code == 302


def test_only_the_checks_and_the_pages_import_the_admin_classes() -> None:
    program = (
        "import django, intake.celery; django.setup()\n"
        "from django.contrib.admin import site\n"
        "from django.core.checks import run_checks\n"
        "print(len(site._registry)); run_checks(tags=['admin']); print(len(site._registry) > 10)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "intake.settings.test"}
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert answer.stdout.split() == ["0", "True"], answer.stderr


def test_a_closed_account_may_not_open_the_administration() -> None:
    from django.contrib import admin  # noqa: PLC0415 -- the site exists once the applications are ready

    request = RequestFactory().get("/admin/")
    request.user = get_user_model()(is_staff=True, is_active=True)
    assert admin.site.has_permission(request)
    request.user = get_user_model()(is_staff=True, is_active=False)
    assert not admin.site.has_permission(request)
    request.user = AnonymousUser()
    assert not admin.site.has_permission(request)
