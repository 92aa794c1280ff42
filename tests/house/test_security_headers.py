"""One strict policy on every HTML response, and no silenced check of Django's."""

import logging.config
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.handlers.wsgi import get_script_name
from django.http import HttpResponseBase
from django.test import Client, override_settings

from tests import security_log
from tests.house.policy import STRICT, Inline, policy_faults
from tests.house.routes import all_routes
from tests.house.world import World

pytestmark = pytest.mark.django_db

ROUTES = {route.name: route for route in all_routes()}


def _faults(answer: HttpResponseBase) -> list[str]:
    return policy_faults(answer.headers, bytes(getattr(answer, "content", b"")))


# The quick run checks what `test_access_matrix.py` and `test_crawl.py` ask for: every response to an anonymous user,
# and every page.
@pytest.mark.full
@pytest.mark.parametrize("person", ["anonymous", "candidate", "reviewer", "administrator"])
def test_every_route_has_the_strict_policy_and_no_inline_code(world: World, person: str) -> None:
    faults = {}
    pages = 0
    for route in ROUTES.values():
        for address in {route.address(world.values_for(route, variant)) for variant in ("", "draft")}:
            for method in ("GET", "POST"):
                answer = world.ask(person, method, address)
                pages += answer.headers.get("Content-Type", "").startswith("text/html")
                if _faults(answer):
                    faults[f"{method} {address}"] = _faults(answer)
    assert not faults
    assert pages > 50


@pytest.mark.urls("tests.web.sample")
@pytest.mark.parametrize(
    "path, status",
    [
        ("/rien/", 404),
        ("/refus/", 403),
        ("/suspect/", 400),
        ("/lourd/", 413),
        ("/panne/", 500),
        ("/bouton/", 405),
        ("/limite/", 429),
    ],
)
def test_every_error_page_has_the_headers_too(path: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert _faults(answer) == []


def test_the_refusal_of_a_form_without_its_token_has_the_headers_too() -> None:
    answer = Client(enforce_csrf_checks=True).post("/connexion/")
    assert answer.status_code == 403
    assert _faults(answer) == []


def test_a_nonce_is_used_in_one_response_only(world: World) -> None:
    answers = [world.ask("administrator", "GET", "/admin/") for _round in range(2)]
    policies = [answer.headers["Content-Security-Policy"] for answer in answers]
    nonces = [re.findall(r"'nonce-([^']+)'", policy) for policy in policies]
    assert all(nonces)
    assert not {*nonces[0]} & {*nonces[1]}


@override_settings(SECURE_CSP=STRICT | {"script-src": ["'self'", "'unsafe-inline'"]})
def test_a_looser_policy_is_found(world: World) -> None:
    assert _faults(world.ask("anonymous", "GET", "/offres/")) == [
        "script-src [\"'self'\", \"'unsafe-inline'\"]"
    ]


def test_inline_code_is_found() -> None:
    page = Inline("abc")
    page.feed(
        '<p style="x"><a href=" JavaScript:x" onclick="y">z</a><script>x</script><script nonce="abc">x</script>'
    )
    assert page.found == ["p style=", "a onclick=", "a href= JavaScript:x", "<script>"]


def test_no_system_check_is_silenced() -> None:
    assert settings.SILENCED_SYSTEM_CHECKS == []
    files = {file.name: file for file in (settings.BASE_DIR / "intake" / "settings").glob("*.py")}
    assert files.keys() >= {"base.py", "production.py"}
    for name, file in files.items():
        assert "SILENCED_SYSTEM_CHECKS" not in file.read_text(encoding="utf-8"), name


@pytest.mark.parametrize(
    "address",
    ["/", "/offres/", "/admin/", "/rien/", "/healthz", "/verifier/cles.json", "/static/absente.css"],
)
def test_every_response_refuses_unused_features_and_other_sites(client: Client, address: str) -> None:
    headers = client.get(address).headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"].split(", ")
    policy = headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert {"frame-ancestors 'self'", "frame-ancestors 'none'"} & set(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_request_to_another_host_is_refused_in_one_line_of_the_log(
    client: Client, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logging.config.dictConfig(settings.LOGGING)
    security_log.begin_minute(monkeypatch)
    answer = client.get("/offres/", headers={"host": "ailleurs.exemple"})
    assert answer.status_code == 400
    said = capfd.readouterr().err
    assert len(said.splitlines()) == 1, said
    assert '"kind": "REQUEST_REFUSED", "reason": "DISALLOWED_HOST"' in said
    assert "ailleurs" not in said


def test_a_client_cannot_move_the_site_to_another_path() -> None:
    assert get_script_name({"SCRIPT_NAME": "/ailleurs", "SCRIPT_URL": "/ailleurs/"}) == ""


def test_static_files_of_production_are_for_the_portal_s_own_pages(tmp_path: Path) -> None:
    (tmp_path / "police.woff2").write_bytes(b"x")
    with override_settings(STATIC_ROOT=tmp_path, WHITENOISE_AUTOREFRESH=True, WHITENOISE_USE_FINDERS=False):
        answer = Client().get("/static/police.woff2")
        assert (answer.status_code, b"".join(answer)) == (200, b"x")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_the_permissions_policy_is_sent_with_files_that_may_be_pages(tmp_path: Path) -> None:
    files = {
        "feuille.css": False,
        "code.js": False,
        "police.woff2": False,
        "dessin.svg": True,
        "texte.txt": True,
    }
    for name in files:
        (tmp_path / name).write_bytes(b"x")
    with override_settings(STATIC_ROOT=tmp_path, WHITENOISE_AUTOREFRESH=True, WHITENOISE_USE_FINDERS=False):
        for name, is_page in files.items():
            answer = Client().get(f"/static/{name}")
            assert b"".join(answer) == b"x"
            assert ("Permissions-Policy" in answer.headers) is is_page, name
