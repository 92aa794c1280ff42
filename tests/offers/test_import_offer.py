"""`manage.py import_offer`: the object of `docs/contracts.md`, what it stores, and one clear line for each error."""

import json
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from offers.import_messages import warning_messages
from offers.models import GridLine, Offer, OfferChange, OpenPoint, Section
from offers.page.parser import read_page
from offers.selectors import document_requests
from offers.services.importing import import_page
from offers.services.lifecycle import confirm_mailbox, settle_point
from offers.services.publishing import publish_offer
from tests.factories.offers import NOON
from tests.factories.people import make_staff
from tests.offers.parsed_pages import NAMES, PAGES, page_text

pytestmark = pytest.mark.django_db
SOUND = "2024-031-paris"
TORONTO = "America/Toronto"


def run(path: str | Path, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_offer", str(path), *options, stdout=out)
    (line,) = out.getvalue().splitlines()
    shape: dict[str, Any] = json.loads(line)
    return shape


def error_line(path: str | Path, *options: str) -> str:
    """Return the command's only line of error output."""
    with pytest.raises(CommandError) as refusal:
        run(path, *options)
    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)
    return str(refusal.value).replace("\u00a0", " ")


def page_file(name: str) -> Path:
    return PAGES / f"{name}.txt"


def written_to(folder: Path, text: str | bytes) -> Path:
    path = folder / "page.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_command_prints_the_object_of_the_contract_and_writes_a_draft() -> None:
    shape = run(page_file(SOUND))
    rulebook = shape.pop("rulebook")
    assert shape == {
        "number": "2024-031",
        "organisation": "Union internationale des rivières",
        "domain": "Gestion de l'eau",
        "starts_on": "2025-01-13",
        "ends_on": "2025-07-11",
        "allowance_min": "15000.00",
        "allowance_max": "15000.00",
        "currency": "CAD",
        "place": "Paris, France",
        "remote_possible": False,
        "closes_on": "2024-10-06",
        "closes_at": "2024-10-07T04:00:00Z",
        "time_zone": TORONTO,
        "funder": "Fonds de recherche du Québec",
        "contact": {
            "unit": "Direction des eaux partagées",
            "phone": "418 555-0142",
            "extension": "20731",
            "email": "eaux@exemple.invalid",
        },
        "sections": [
            {"title": "Mandat de l’organisation", "paragraphs": 2, "items": 0},
            {"title": "Description des tâches et des responsabilités", "paragraphs": 2, "items": 6},
            {"title": "Compétences et expérience requises", "paragraphs": 1, "items": 5},
            {"title": "Admissibilité", "paragraphs": 2, "items": 7},
        ],
        "warnings": [],
    }
    assert (rulebook["schema"], rulebook["reference"]) == (1, "2024-031")
    assert (rulebook["starts_on"], rulebook["closes_on"]) == ("2025-01-13", "2024-10-06")
    assert [criterion["kind"] for criterion in rulebook["criteria"]] == [
        *("STUDIES", "AGE", "LEGAL_STATUS", "DOMICILE", "RESIDENCE", "WRITING", "SKILLS", "ONCE_ONLY"),
    ]
    offer = Offer.objects.get(number="2024-031")
    assert (offer.status, offer.organisation_short, offer.contact_confirmed_at) == ("DRAFT", "UIR", None)
    assert [kind for (kind,) in offer.sections.order_by("position").values_list("kind")] == [
        *("MANDATE", "TASKS", "SKILLS", "ELIGIBILITY"),
    ]
    lines = offer.grid_lines.order_by("position").values_list("requirement", flat=True)
    assert list(lines) == ["REQUIRED"] * 3 + ["ASSET", "REQUIRED", "ASSET"]
    limits = [(document.kind, document.max_pages) for document in document_requests(offer)]
    assert limits == [("CV", 3), ("MOTIVATION_LETTER", 2), ("TRANSCRIPT", 10), ("ENROLMENT_PROOF", 10)]
    (change,) = offer.changes.all()
    assert (change.kind, change.author) == (OfferChange.Kind.IMPORTED, None)


@pytest.mark.parametrize("name", NAMES[:2])
def test_a_dry_run_prints_the_same_and_stores_no_row(name: str) -> None:
    shape = run(page_file(name), "--dry-run")
    tables = (Offer, Section, GridLine, OpenPoint, OfferChange)
    assert [table.objects.count() for table in tables] == [0] * len(tables)
    assert run(page_file(name)) == shape


@pytest.mark.parametrize("name", NAMES[:2])
def test_each_warning_is_an_open_point(name: str) -> None:
    warnings = run(page_file(name))["warnings"]
    read = read_page(page_text(name)).points
    points = OpenPoint.objects.order_by("position").values_list("code", "excerpt")
    assert list(points) == [(point.code, point.excerpt) for point in read]
    assert warnings == warning_messages(read)


def test_a_warning_is_a_sentence_that_quotes_the_text() -> None:
    warnings = run(page_file("2024-090-geneva-for-a-person"))["warnings"]
    assert (
        "Ce critère n’est pas reconnu, et une personne devra l’examiner\u00a0: «\u00a0Être en voie "
        "de terminer un baccalauréat en droit\u00a0»."
    ) in warnings
    assert "L’offre n’indique pas que la participation est unique." in warnings


def test_the_text_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(page_file(SOUND).read_bytes())))
    assert run("-")["number"] == "2024-031"


def test_days_are_read_in_the_given_time_zone() -> None:
    shape = run(page_file(SOUND), "--time-zone", "Europe/Paris")
    assert (shape["closes_at"], shape["time_zone"]) == ("2024-10-06T22:00:00Z", "Europe/Paris")


# -- Numbers -----------------------------------------------------------------------------------------------------
def test_a_page_without_a_number_makes_a_draft_each_time_and_is_never_published() -> None:
    assert run(page_file("no-number-ann-arbor"))["number"] is None
    assert "un numéro" in error_line(page_file("no-number-ann-arbor"), "--publish")
    assert [offer.number for offer in Offer.objects.all()] == [None]


def test_importing_a_number_again_updates_its_draft(tmp_path: Path) -> None:
    run(page_file(SOUND))
    first = Offer.objects.get()
    later = (
        page_text(SOUND).replace("au plus 35 ans", "au plus 40 ans").replace("Paris, France", "Lyon, France")
    )
    later = later.replace("  • Avoir un bon sens de l’organisation.\n", "").replace(
        "6 octobre", "29 septembre"
    )
    shape = run(written_to(tmp_path, later))
    offer = Offer.objects.get()
    assert (offer.pk, offer.public_id, offer.place) == (first.pk, first.public_id, "Lyon, France")
    assert (offer.opens_at, offer.created_at) == (first.opens_at, first.created_at)
    assert shape["closes_at"] == "2024-09-30T04:00:00Z"
    assert shape["rulebook"]["criteria"][1]["maximum"] == 40
    assert (offer.sections.count(), offer.grid_lines.count(), offer.documents.count()) == (4, 5, 4)
    versions = offer.rulebooks.order_by("number").values_list("number", "reason", "published_at")
    assert list(versions) == [(1, "", None)]
    assert [change.kind for change in offer.changes.all()] == ["IMPORTED", "IMPORTED"]
    assert run(written_to(tmp_path, later)) == shape


def test_a_published_offer_is_not_imported_again() -> None:
    run(page_file(SOUND), "--publish")
    before = Offer.objects.values().get()
    assert "est déjà publiée" in error_line(page_file(SOUND))
    assert "est déjà publiée" in error_line(page_file(SOUND), "--publish", "--dry-run")
    assert Offer.objects.values().get() == before
    assert Section.objects.count() == 4


def test_a_dry_run_of_a_published_number_still_prints_the_offer() -> None:
    shape = run(page_file(SOUND), "--publish")
    err = StringIO()
    out = StringIO()
    call_command("import_offer", str(page_file(SOUND)), "--dry-run", stdout=out, stderr=err)
    assert json.loads(out.getvalue()) == shape
    assert "est déjà publiée" in err.getvalue()
    assert Offer.objects.count() == 1


def test_settled_points_stay_settled_when_the_same_text_is_imported_again(tmp_path: Path) -> None:
    text = page_text(SOUND).replace(
        "Détenir la citoyenneté", "Savoir nager.\n  • Savoir ramer.\n  • Détenir la citoyenneté"
    )
    run(written_to(tmp_path, text))
    offer = Offer.objects.get()
    staff = make_staff()
    settle_point(point=offer.points.get(position=1), author=staff, resolution="À juger.", at=NOON)
    confirm_mailbox(offer=offer, author=staff, at=NOON)
    run(written_to(tmp_path, text))
    points = offer.points.order_by("position").values_list(
        "excerpt", "resolution", "resolved_at", "resolved_by"
    )
    assert list(points) == [("Savoir nager.", "À juger.", NOON, staff.pk), ("Savoir ramer.", "", None, None)]
    offer.refresh_from_db()
    assert offer.contact_confirmed_at == NOON
    run(written_to(tmp_path, text.replace("eaux@", "autres@")))
    offer.refresh_from_db()
    assert offer.contact_confirmed_at is None


# -- Publishing ----------------------------------------------------------------------------------------------------
def test_a_page_without_open_points_may_be_published_at_import() -> None:
    run(page_file(SOUND), "--publish")
    offer = Offer.objects.get()
    assert (offer.status, offer.contact_confirmed_at) == ("PUBLISHED", None)
    assert offer.rulebooks.get().digest.startswith("sha256:")
    assert [change.kind for change in offer.changes.order_by("pk")] == ["IMPORTED", "PUBLISHED"]


def test_a_page_with_open_points_is_neither_published_nor_stored() -> None:
    line = error_line(page_file("2024-090-geneva-for-a-person"), "--publish")
    assert "le règlement des points de l’importation" in line
    assert "baccalauréat" in line
    assert not Offer.objects.exists()


def test_a_dry_run_of_publishing_writes_nothing() -> None:
    shape = run(page_file(SOUND), "--publish", "--dry-run")
    assert shape["warnings"] == []
    assert not Offer.objects.exists()


def test_an_unpublishable_update_keeps_the_draft_unchanged(tmp_path: Path) -> None:
    run(page_file(SOUND))
    before = Offer.objects.values().get()
    spoilt = (
        page_text(SOUND).replace("Être domicilié(e) au Québec.", "Savoir nager.").replace("Paris", "Lyon")
    )
    error_line(written_to(tmp_path, spoilt), "--publish")
    assert Offer.objects.values().get() == before
    assert not OpenPoint.objects.exists()


# -- Instants --------------------------------------------------------------------------------------------------------


def test_an_imported_offer_is_published_by_staff_like_any_other() -> None:
    offer = import_page(page=read_page(page_text(SOUND)), at=timezone.now(), time_zone=TORONTO)
    confirm_mailbox(offer=offer, author=make_staff(), at=NOON)
    assert publish_offer(offer=offer, at=NOON).is_published


# -- Refusals ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "old, new, words",
    [
        ("Du 13 janvier au 11 juillet 2025", "", "ligne 10 : il manque les dates du stage"),
        ("Dates du stage :", "Jours :", "il manque les dates du stage"),
        ("Date limite d'inscription :", "Fin :", "il manque la date limite d’inscription"),
        ("Union internationale des rivières\n", "\n", "il manque l’organisation"),
        (
            "6 octobre 2024",
            "31 septembre 2024",
            "ligne 13 : la date limite d’inscription : « 31 septembre 2024 »",
        ),
        ("Du 13 janvier", "Du 30 février", "ligne 10 : les dates du stage"),
        ("au 11 juillet 2025", "2025 au 12 janvier 2025", "ligne 10 : les dates du stage"),
        ("6 octobre 2024", "le 6", "est illisible"),
        ("6 octobre 2024", "31 décembre 9999", "dépassent le calendrier"),
        ("Gestion", "Ges\x00tion", "ligne 9 : un caractère de commande"),
        ("rivières", "riviÃ¨res", "ligne 7 : des accents endommagés"),
    ],
)
def test_an_unreadable_page_is_refused_in_one_line(old: str, new: str, words: str, tmp_path: Path) -> None:
    text = page_text(SOUND)
    assert old in text
    assert words in error_line(written_to(tmp_path, text.replace(old, new)))
    assert words in error_line(written_to(tmp_path, text.replace(old, new)), "--dry-run")
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "le texte est vide"),
        (b"\xef\xbb\xbf \r\n", "le texte est vide"),
        ("Numéro\nDéjà".encode("latin-1"), "ligne 1 : le texte n’est pas en UTF-8 (octet 4)"),
        ("Un\nDeux\nDéjà".encode("cp1252"), "ligne 3 : le texte n’est pas en UTF-8 (octet 10)"),
        ("Déjà".encode("utf-16"), "ligne 1 : le texte n’est pas en UTF-8 (octet 1)"),
        (b"a" * (1024 * 1024 + 1), "plus de 1048576 octets ; ce n’est pas le texte d’une offre"),
    ],
)
def test_bytes_that_are_not_text_are_refused(data: bytes, words: str, tmp_path: Path) -> None:
    assert error_line(written_to(tmp_path, data)).endswith(words)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "introuvable" in error_line(tmp_path / "rien.txt")
    assert "un dossier" in error_line(tmp_path)
    assert "impossible à lire" in error_line("\0")

    def closed(*_args: object, **_kwargs: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", closed)
    assert "la lecture est refusée" in error_line(page_file(SOUND))


@pytest.mark.parametrize("zone", ["Amerique/Nulle", "", "../etc", "America", "Québec/Ville"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    assert "--time-zone" in error_line(page_file(SOUND), "--time-zone", zone)


def test_a_time_zone_without_area_and_city_is_refused() -> None:
    assert "America/Toronto" in error_line(page_file(SOUND), "--time-zone", "EST5EDT")
