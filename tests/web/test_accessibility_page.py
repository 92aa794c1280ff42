"""The accessibility statement says what the last checks found, and no more."""

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from intake.web import pages
from intake.web.accessibility import RESULTS_FILE, last_results
from intake.web.language import COOKIE
from tests import accessibility

pytestmark = pytest.mark.urls("tests.web.sample")


def _page(client: Client) -> str:
    return " ".join(client.get("/accessibilite/").content.decode().replace("\u00a0", " ").split())


def test_the_statement_contains_the_results(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    results = replace(
        last_results(),
        day=date(2026, 11, 1),
        pages=["a", "b", "c"],
        checks=1234,
        violations=0,
        widths=[320, 1440],
        looks=["light", "forced"],
        languages=["fr"],
        axe_version="4.9",
        chromium_version="156",
    )
    monkeypatch.setattr(pages, "last_results", lambda: results)
    page = _page(client)
    assert "Le 1<sup>er</sup> novembre 2026, un outil automatique a vérifié les 3 pages du portail" in page
    assert "1 234 vérifications en tout" in page
    assert "l’outil n’a trouvé aucune anomalie" in page
    assert "de 320 à 1 440 pixels de large" in page
    assert "Affichages : thème clair et couleurs imposées par l’appareil." in page
    assert "Langues : français." in page
    assert "axe-core 4.9 dans Chromium 156" in page
    monkeypatch.setattr(pages, "last_results", lambda: replace(results, violations=2))
    assert "Résultat : 2 anomalies sont à corriger." in _page(client)
    assert "aucune anomalie" not in _page(client)


def test_the_statement_reads_the_delivered_results(client: Client) -> None:
    stored = json.loads(RESULTS_FILE.read_text(encoding="utf-8"))
    page = _page(client)
    assert f"axe-core {stored['axe_version']} dans Chromium {stored['chromium_version']}" in page
    assert f"les {len(stored['pages'])} pages" in page
    assert f"mailto:{settings.PORTAL_CONTACT_EMAIL}" in page
    assert "SGQRI 008-3.0" in page
    assert "Aucun organisme externe n’a encore évalué ce portail" in page


def test_the_statement_is_in_english_too(client: Client) -> None:
    given = HttpResponse()
    given.set_signed_cookie(COOKIE, "en", salt="intake.web.language")
    client.cookies[COOKIE] = given.cookies[COOKIE].value
    assert "No outside body has assessed this portal yet" in _page(client)


def test_the_delivered_results_are_of_the_installed_tool_and_its_rules() -> None:
    """After an update of axe-core: `ACCESSIBILITY=rewrite make test-full`."""
    results = last_results()
    assert (results.axe_version, results.rules) == (accessibility.axe_version(), accessibility.RULES)
    assert results.violations == 0


def test_a_run_is_written_from_the_checks_of_all_its_tests(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    written = tmp_path / "accessibility.json"
    monkeypatch.setattr(accessibility, "RESULTS_FILE", written)

    def report(page: str, width: int, violations: int, when: str = "call") -> SimpleNamespace:
        check = {"page": page, "width": width, "violations": violations}
        check |= {"look": "dark", "language": "fr", "chromium": "156"}
        return SimpleNamespace(when=when, user_properties=[("other", 1), (accessibility.PROPERTY, [check])])

    passed = [report("b", 320, 0), report("a", 1440, 0), report("c", 1, 0, "setup")]
    stats = {"passed": passed, "failed": [report("a", 320, 2)], "skipped": [report("d", 2, 0)]}
    monkeypatch.delenv("ACCESSIBILITY", raising=False)
    accessibility.rewrite_if_asked(stats)
    assert not written.exists()
    monkeypatch.setenv("ACCESSIBILITY", "rewrite")
    accessibility.rewrite_if_asked(stats)
    found = json.loads(written.read_text(encoding="utf-8"))
    told = [found[name] for name in ("pages", "checks", "violations", "widths", "looks", "languages")]
    assert told == [["a", "b"], 3, 2, [320, 1440], ["dark"], ["fr"]]
