"""The frame of a page, the components and the forms, parsed as HTML."""

import re
from pathlib import Path

import lxml.html
import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.urls("tests.web.sample")


@pytest.fixture
def blank(client: Client) -> lxml.html.HtmlElement:
    """The sample page at a first GET."""
    return lxml.html.document_fromstring(client.get("/essai/").content.decode())


@pytest.fixture
def refused(client: Client) -> lxml.html.HtmlElement:
    """The sample page after an empty form was posted."""
    return lxml.html.document_fromstring(client.post("/essai/", {}).content.decode())


def test_the_frame_has_one_h1_landmarks_and_a_way_to_skip(blank: lxml.html.HtmlElement) -> None:
    assert blank.get("lang") == "fr-CA"
    assert len(blank.findall(".//h1")) == 1
    assert len(blank.findall(".//main")) == 1
    first_link = blank.find(".//body//a")
    assert blank.get_element_by_id(first_link.get("href").removeprefix("#")).tag == "main"
    title = blank.findtext(".//title")
    assert title == f"Ma candidature — {settings.PORTAL_NAME}"


def test_a_hint_is_placed_between_label_and_control(blank: lxml.html.HtmlElement) -> None:
    field = blank.get_element_by_id("div_id_first_name")
    order = [element.get("id") or element.tag for element in field]
    assert order == ["label", "id_first_name_helptext", "id_first_name"]
    assert blank.get_element_by_id("id_first_name").get("aria-describedby") == "id_first_name_helptext"


def test_exactly_the_optional_fields_are_marked(blank: lxml.html.HtmlElement) -> None:
    marked = [span.getparent().get("for") for span in blank.find_class("optional")]
    assert marked == ["id_phone"]


def test_a_group_of_choices_is_a_fieldset_with_its_question(blank: lxml.html.HtmlElement) -> None:
    group = blank.get_element_by_id("div_id_legal_status").find("fieldset")
    assert group.findtext("legend") == "Votre statut au Canada"
    assert group.get("aria-describedby") == "id_legal_status_helptext"


def test_a_refused_form_reports_errors_in_title_summary_and_field(refused: lxml.html.HtmlElement) -> None:
    assert refused.findtext(".//title").startswith("Erreur\u00a0: Ma candidature")
    (summary,) = refused.find_class("error-summary")
    assert summary.get("tabindex") == "-1"
    assert summary.get("role") == "alert"
    links = summary.findall(".//a")
    # One link per required field and none for optional ones.
    assert len(links) == 8
    assert links[0].text == "Prénom — Ce champ est obligatoire."
    for link in links:
        control = refused.get_element_by_id(link.get("href").removeprefix("#"))
        assert control.get("aria-invalid") == "true"
    name = refused.get_element_by_id("id_first_name")
    assert name.get("aria-describedby") == "id_first_name_helptext id_first_name_error"
    assert "Ce champ est obligatoire." in refused.get_element_by_id("id_first_name_error").text_content()


def test_error_messages_interrupt_screen_readers_and_others_wait(blank: lxml.html.HtmlElement) -> None:
    roles = {alert.text_content().strip(): alert.get("role") for alert in blank.find_class("alert")}
    assert roles == {"Brouillon enregistré à 14 h 32.": "status", "Le fichier n’a pas été reçu.": "alert"}


def test_every_outcome_is_written_as_text(blank: lxml.html.HtmlElement) -> None:
    words = [element.find_class("state")[0].text for element in blank.find_class("finding")]
    assert words == ["Respecté", "Non respecté", "Réponse manquante", "À examiner par une personne"]


def test_pagination_keeps_the_rest_of_the_address(client: Client) -> None:
    page = lxml.html.document_fromstring(client.get("/essai/?statut=ouverte&page=7").content.decode())
    (following,) = page.findall(".//a[@rel='next']")
    assert following.get("href") == "?statut=ouverte&page=8"
    assert page.find(".//a[@aria-current='page'][@class='page-link']").text_content() == "Page 7"


def test_our_static_files_name_only_files_that_exist() -> None:
    named = {
        target
        for name in ("css", "js", "img")
        for file in (settings.BASE_DIR / "static" / name).iterdir()
        for target in re.findall(r"url\(\"?([^\")]+)", file.read_text(encoding="utf-8"))
        # A target with a scheme is not an address of ours: a data image, or one that the PDF renderer maps.
        if not re.match(r"[a-z]+:", target)
    }
    assert len(named) > 1
    assert [target for target in sorted(named) if not _static_file(target).is_file()] == []
    assert not _static_file("../vendor/nowhere/none.woff2").is_file()


def _static_file(target: str) -> Path:
    # fonts.css is in static/css and names ../vendor/<family>/…, which the settings map to the packages.
    wanted = target.removeprefix("../")
    for entry in settings.STATICFILES_DIRS:
        prefix, root = entry if isinstance(entry, tuple) else ("", entry)
        if wanted.startswith(prefix):
            file = Path(root) / wanted.removeprefix(prefix).lstrip("/")
            if file.is_file():
                return file
    return Path(wanted)
