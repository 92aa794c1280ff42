"""Responses of the public addresses of offers: headers, calendars, the feed, the list; and the output of commands."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import feedparser
import pytest
import vobject
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from intake.base.folding import FoldedField
from intake.devtools.demonstration.offers import load_demonstration
from offers.listing import PAGE_SIZE, Listing
from offers.models import Offer, OfferChange, Programme
from offers.models.programme import DEFAULT_WORDING
from offers.offer_json import offer_as_json
from tests.factories.offers import NOON, cancel_offer, make_draft, make_offer, make_programme, mark_cancelled
from tests.factories.people import make_staff
from tests.offers.parsed_pages import PAGES

pytestmark = pytest.mark.django_db
type Answer = Any
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the clock of views and commands to noon on 10 March 2027."""
    for module in ("offers.views", "intake.devtools.management.commands.load_demonstration_offers"):
        monkeypatch.setattr(f"{module}.timezone", SimpleNamespace(now=lambda: NOON))


def with_plain_spaces(text: object) -> str:
    return str(text).replace("\u00a0", " ")


def test_a_calendar_has_a_name_and_the_instant_of_its_last_change(client: Client) -> None:
    offer = make_offer(number="2027-020", organisation_short="ODE")
    change = OfferChange.objects.create(
        offer=offer, kind="CORRECTED", at=NOON - DAY, reason="Erreur.", author=make_staff()
    )
    one, every = client.get("/offres/2027-020.ics"), client.get("/offres/echeances.ics")
    assert [answer.headers["Content-Disposition"] for answer in (one, every)] == [
        'inline; filename="2027-020.ics"',
        'inline; filename="echeances.ics"',
    ]
    lines = [answer.content.decode().split("\r\n") for answer in (one, every)]
    names = [line.removeprefix("NAME:") for each in lines for line in each if line.startswith("NAME:")]
    assert names == [str(offer), "Dates limites des offres"]
    event = vobject.readOne(one.content.decode()).vevent
    assert (event.dtstamp.value, event.sequence.value, event.url.value) == (
        change.at,
        "1",
        "http://testserver/offres/2027-020/",
    )
    assert "ODE" in event.summary.value
    assert [
        client.post(address).status_code for address in ("/offres/2027-020.ics", "/offres/echeances.ics")
    ] == [
        405,
        405,
    ]
    assert client.post("/offres/flux.atom").status_code == 405


def test_a_cancelled_closing_is_described_as_cancelled(client: Client) -> None:
    offer = make_offer(number="2027-020")
    first = vobject.readOne(client.get("/offres/2027-020.ics").content.decode()).vevent
    cancel_offer(offer=offer, author=make_staff(), reason="Retrait.", at=NOON)
    event = vobject.readOne(client.get("/offres/2027-020.ics").content.decode()).vevent
    assert event.description.value.startswith("Cette offre est annulée")
    assert "annulée" not in first.description.value
    assert event.uid.value == first.uid.value


def test_only_an_offer_of_the_default_programme_has_a_job_posting(client: Client) -> None:
    make_offer(number="1")
    make_offer(number="2", programme=make_programme())
    gone = make_offer(number="3")
    mark_cancelled(gone.pk)
    found = []
    for number in "123":
        page: Answer = client.get(f"/offres/{number}/")
        found.append(page.context["posting"] is not None)
    assert found == [True, False, False]
    first: Answer = client.get("/offres/1/")
    posting = first.context["posting"]
    assert posting["url"] == "http://testserver/offres/1/"
    assert posting.get("baseSalary", True)


def test_a_page_is_given_the_parts_of_its_offer_in_order(client: Client) -> None:
    offer = make_offer(number="2027-020", programme=make_programme())
    page: Answer = client.get("/offres/2027-020/")
    assert page.context["offer"] == offer
    assert [section.position for section in page.context["sections"]] == [1, 2, 3, 4, 5]
    assert [document.position for document in page.context["documents"]] == [1, 2, 3, 4]
    assert "de 18 à 35\u00a0ans au début du séjour" in page.content.decode()
    assert page.context["standing"].phase == "OPEN"


def test_the_feed_and_each_offer_have_stable_ids(client: Client, settings: Any) -> None:
    settings.PORTAL_NAME, settings.PORTAL_CONTACT_UNIT = "Portail d’essai", "Unité d’essai"
    offer = make_offer(number="2027-020", organisation="Union", domain="Génie")
    bare = make_offer(number="2027-021", organisation="Union", domain="", opens_at=NOON - 5 * DAY)
    change = OfferChange.objects.create(
        offer=offer, kind="CORRECTED", at=NOON - DAY, reason="Erreur.", author=make_staff()
    )
    found = feedparser.parse(client.get("/offres/flux.atom").content)
    home = "http://testserver/offres/"
    assert (found.feed.title, found.feed.link, found.feed.id, found.feed.author) == (
        "Offres — Portail d’essai",
        home,
        uuid.uuid5(uuid.NAMESPACE_URL, home).urn,
        "Unité d’essai",
    )
    assert [
        (entry.title, entry.link, entry.id, datetime.fromisoformat(entry.published))
        for entry in found.entries
    ] == [
        ("2027-020 — Union — Génie", f"{home}2027-020/", f"urn:uuid:{offer.public_id}", offer.published_at),
        ("2027-021 — Union", f"{home}2027-021/", f"urn:uuid:{bare.public_id}", bare.published_at),
    ]
    assert [datetime.fromisoformat(entry.updated) for entry in found.entries] == [
        change.at,
        bare.published_at,
    ]


def test_the_feed_contains_the_fifty_offers_that_changed_last(client: Client) -> None:
    model = make_offer(number="1")
    fields = {
        field.name: getattr(model, field.name)
        for field in Offer._meta.concrete_fields
        if field.name not in {"id", "public_id", "number", "search_text"}
    }
    Offer.objects.bulk_create(Offer(**fields, number=f"N-{number:02}") for number in range(50))
    found = feedparser.parse(client.get("/offres/flux.atom").content)
    assert [entry.link.split("/")[-2] for entry in found.entries] == [
        f"N-{number:02}" for number in reversed(range(50))
    ]


# -- The list --------------------------------------------------------------------------------------------------
def test_the_list_counts_and_orders_its_results() -> None:
    today = NOON.date()
    for number, days, opens in (("A", 20, -5), ("B", 1, -5), ("C", 30, 3), ("D", -1, -20)):
        make_offer(
            number=number, closes_on=today + days * DAY, opens_at=NOON + opens * DAY, place="Rome, Italie"
        )
    gone = make_offer(number="E", place="Oslo, Norvège", opens_at=NOON - 40 * DAY)
    mark_cancelled(gone.pk)

    def listed(**parameters: str) -> list[str | None]:
        return [card["offer"].number for card in Listing(parameters, at=NOON).cards]

    everything = Listing({}, at=NOON)
    assert listed() == ["B", "A", "C", "D", "E"]
    assert listed(tri="lointaine") == ["A", "B", "C", "E", "D"]
    assert [(one.code, count, chosen) for one, count, chosen in everything.filters] == [
        ("", 5, True),
        ("ouverte", 2, False),
        ("bientot", 1, False),
        ("a-venir", 1, False),
        ("fermee", 2, False),
    ]
    assert (everything.open_count, everything.is_approximate) == (2, False)
    kept = Listing({"etat": "ouverte", "lieu": "Oslo, Norvège"}, at=NOON)
    assert ([card["offer"].number for card in kept.cards], kept.open_count) == ([], 0)
    assert [count for _one, count, _chosen in kept.filters] == [1, 0, 0, 0, 1]
    # Facets count the offers of the chosen state.
    facets = {shown.facet.parameter: shown for shown in Listing({"etat": "fermee"}, at=NOON).facets}
    assert [(choice.label, choice.count) for choice in facets["lieu"].choices] == [
        ("Oslo, Norvège", 1),
        ("Rome, Italie", 1),
    ]


def test_the_list_has_pages_of_twelve_and_the_nearest_page_is_displayed() -> None:
    for _number in range(PAGE_SIZE + 1):
        make_offer()
    assert PAGE_SIZE == 12
    sizes = {page: len(Listing({"page": page}, at=NOON).cards) for page in ("", "1", "2", "3", "x")}
    assert sizes == {"": 12, "1": 12, "2": 1, "3": 1, "x": 12}
    assert len(Listing({}, at=NOON).cards) == 12


def test_approximate_results_are_ordered_by_similarity() -> None:
    make_offer(number="FAR", place="Parme", closes_on=NOON.date() + 5 * DAY)
    make_offer(number="NEAR", place="Paris", closes_on=NOON.date() + 50 * DAY)
    make_offer(number="SAME", place="Paris", closes_on=NOON.date() + 20 * DAY)
    found = Listing({"q": "pairs"}, at=NOON)
    assert (found.is_approximate, [card["offer"].number for card in found.cards][:2]) == (
        True,
        ["SAME", "NEAR"],
    )
    assert Listing({"q": "xyzzy"}, at=NOON).is_approximate is False


def test_the_list_uses_the_labels_of_its_only_programme() -> None:
    assert Listing({}, at=NOON).words is DEFAULT_WORDING
    make_offer(place="Rome")
    grants = make_programme(name="Bourse", dates_label="Dates du séjour")
    make_offer(programme=grants, place="Oslo")
    words = Listing({"lieu": "Oslo"}, at=NOON).words
    assert words is not None
    assert words.dates == "Dates du séjour"
    assert Listing({"lieu": "Rome"}, at=NOON).words is DEFAULT_WORDING
    assert Listing({}, at=NOON).words is None


# -- Models ----------------------------------------------------------------------------------------------------
def test_an_offer_has_a_name_an_address_a_clock_and_a_length() -> None:
    bare = Offer(organisation="Union")
    named = Offer(number="2027-020", organisation="Union", organisation_short="U", time_zone="Europe/Paris")
    assert [with_plain_spaces(one) for one in (bare, named)] == ["sans numéro — Union", "2027-020 — U"]
    assert [one.get_absolute_url() for one in (bare, named)] == ["/offres/", "/offres/2027-020/"]
    named.opens_at, named.closes_at = NOON, datetime(2027, 10, 1, 22, tzinfo=UTC)
    assert (named.zone, named.opening.hour, named.closing.isoformat()) == (
        ZoneInfo("Europe/Paris"),
        18,
        "2027-10-02T00:00:00+02:00",
    )
    lengths = []
    for days in (1, 3, 4, 10, 11, 182):
        named.starts_on, named.ends_on = date(2028, 1, 10), date(2028, 1, 10) + (days - 1) * DAY
        lengths.append((named.days, named.weeks))
    assert lengths == [(1, 1), (3, 1), (4, 1), (10, 1), (11, 2), (182, 26)]
    named.time_zone = "Mars/Phobos"
    with pytest.raises(ValidationError) as refused:
        named.clean()
    (error,) = refused.value.error_dict["time_zone"]
    assert (error.code, with_plain_spaces(error.messages[0])) == (
        "unknown_time_zone",
        "« Mars/Phobos » n’est pas un fuseau horaire connu.",
    )


def test_a_programme_has_all_its_labels_or_none() -> None:
    words = {"dates_label": "a", "allowance_label": "b", "at_start": "c", "lead": "d", "next_steps": "e"}
    Programme(code="X", name="X", **words).clean()
    Programme(code="STAGES-OIG", name="X").clean()
    for code, given, missing in (
        ("X", {}, set(words)),
        ("STAGES-OIG", {"lead": "d"}, set(words) - {"lead"}),
        ("X", words | {"at_start": ""}, {"at_start"}),
    ):
        with pytest.raises(ValidationError) as refused:
            Programme(code=code, name="X", **given).clean()
        assert set(refused.value.error_dict) == missing
    own = Programme(code="X", name="X", **words).words
    assert [getattr(own, name) for name in own.__slots__] == ["a", "a", "b", "b", "c", "d", "e", "fr-CA"]
    assert Programme(code="STAGES-OIG", name="X").words is DEFAULT_WORDING


def test_migrations_see_the_folded_column_as_a_plain_generated_one() -> None:
    field: Any = Offer._meta.get_field("search_text")
    assert isinstance(field, FoldedField)
    _name, path, _args, kwargs = field.deconstruct()
    assert (path, kwargs["db_persist"]) == ("django.db.models.GeneratedField", True)
    assert field.check(databases=["default"]) == []


# -- Shapes and commands ---------------------------------------------------------------------------------------
def test_the_json_object_of_an_offer_has_the_documented_shape() -> None:
    offer = make_draft(
        number="2027-020", allowance_min=Decimal("13000.5"), allowance_max=Decimal(15000), funder=""
    )
    shape = offer_as_json(offer, warnings=iter(["Un.", "Deux."]))
    assert (shape["allowance_min"], shape["allowance_max"], shape["funder"]) == ("13000.50", "15000.00", None)
    assert shape["warnings"] == ["Un.", "Deux."]
    assert [section["title"] for section in shape["sections"]] == [
        *("Mandat", "Description des tâches", "Compétences et expérience requises", "Admissibilité", "Note")
    ]
    assert [(section["paragraphs"], section["items"]) for section in shape["sections"]] == [
        *((4, 0), (1, 10), (1, 12), (1, 7), (1, 0))
    ]
    assert shape["contact"] == {
        "unit": "Unité d’essai",
        "phone": None,
        "extension": None,
        "email": "essai@exemple.invalid",
    }
    Offer.objects.filter(pk=offer.pk).update(contact_unit="", contact_email="")
    assert offer_as_json(Offer.objects.get())["contact"] is None


def command_error(*arguments: str) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command(*arguments, stdout=StringIO())
    assert refusal.value.returncode == 2
    return with_plain_spaces(refusal.value)


def test_each_refusal_of_a_command_has_its_own_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = str(PAGES / "2024-031-paris.txt")
    missing, secret = tmp_path / "rien.txt", tmp_path / "secret.txt"
    secret.write_text("x", encoding="utf-8")
    clone = ("clone_offer", "2031-999", "--number", "X")
    assert [
        command_error("import_offer", str(missing)),
        command_error("import_offer", str(tmp_path)),
        command_error("import_offer", sound, "--time-zone", "Mars/Phobos"),
        command_error("import_offer", sound, "--time-zone", "EST5EDT"),
        command_error(*clone, "--closes", "2028-10-01"),
        command_error(*clone, "--closes", "hier"),
        command_error(*clone, "--closes", "2028-10-01", "--ends", "2029-01-08"),
        command_error("clone_offer", "1", "--number", "9" * 21, "--closes", "2028-10-01"),
        command_error("check_eligibility", "--offer", "2031-999"),
    ] == [
        f"{missing} : introuvable",
        f"{tmp_path} : un dossier, pas un fichier",
        "--time-zone : « Mars/Phobos » n’est pas un fuseau horaire connu",
        "Le fuseau horaire a la forme America/Toronto.",
        "aucune offre ne porte le numéro 2031-999",
        "--closes : 'hier' n’est pas un jour du calendrier écrit AAAA-MM-JJ",
        "--starts et --ends vont ensemble",
        "--number : un numéro a au plus 20 caractères",
        "aucune offre ne porte le numéro 2031-999",
    ]

    def closed(*_args: object, **_kwargs: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", closed)
    assert command_error("import_offer", str(secret)) == f"{secret} : la lecture est refusée"


def test_years_of_the_model_left_in_the_text_are_reported_by_section() -> None:
    model = make_offer(
        number="M-1", closes_on=date(2027, 10, 1), starts_on=date(2028, 1, 10), ends_on=date(2028, 7, 7)
    )
    first, second = model.sections.order_by("position")[:2]
    model.sections.filter(pk=second.pk).update(text="En 2027, puis 2028, 20271 et 2029.")
    model.sections.filter(pk=first.pk).update(text="En 2028.")
    out = StringIO()
    call_command("clone_offer", "M-1", "--number", "M-2", "--closes", "2029-10-01", stdout=out)
    assert [with_plain_spaces(one) for one in json.loads(out.getvalue())["warnings"]] == [
        f"La section « {first.title} » mentionne encore 2028 : à relire.",
        f"La section « {second.title} » mentionne encore 2027 : à relire.",
        f"La section « {second.title} » mentionne encore 2028 : à relire.",
    ]


def test_the_demonstration_offer_has_the_expected_fields() -> None:
    closed, edition = load_demonstration(at=NOON)
    fields = ("number", "opens_at", "closes_on", "closes_at", "starts_on", "ends_on")
    assert [[getattr(one, name) for name in fields] for one in (closed, edition)] == [
        [
            "2023-020",
            datetime(2023, 8, 21, 13, tzinfo=UTC),
            date(2023, 10, 1),
            datetime(2023, 10, 2, 4, tzinfo=UTC),
            date(2024, 1, 15),
            date(2024, 7, 12),
        ],
        [
            "2027-020",
            datetime(2026, 10, 2, 4, tzinfo=UTC),
            date(2027, 10, 1),
            datetime(2027, 10, 2, 4, tzinfo=UTC),
            date(2028, 1, 10),
            date(2028, 7, 7),
        ],
    ]
    assert (closed.organisation_short, closed.currency, closed.place, closed.time_zone) == (
        "UNESCO",
        "CAD",
        "Paris, France",
        "America/Toronto",
    )
    assert (closed.allowance_min, closed.allowance_max, closed.contact_phone, closed.contact_extension) == (
        Decimal(15000),
        Decimal(15000),
        "418 649-2400",
        "56320",
    )
    assert closed.contact_confirmed_at == closed.created_at == closed.published_at == closed.opens_at
    assert closed.grid_lines.count() == 13
    out = StringIO()
    call_command("load_demonstration_offers", stdout=out)
    assert json.loads(out.getvalue()) == {
        "offers": [
            {"number": "2023-020", "closes_at": "2023-10-02T04:00:00Z", "moment": "CLOSED"},
            {"number": "2027-020", "closes_at": "2027-10-02T04:00:00Z", "moment": "OPEN"},
        ]
    }


@pytest.mark.parametrize(
    "year, first_day",
    [
        (2025, date(2025, 1, 13)),
        (2028, date(2028, 1, 10)),
        (2034, date(2034, 1, 9)),
    ],
)
def test_the_stage_of_the_demonstration_begins_on_a_monday_from_the_ninth(year: int, first_day: date) -> None:
    _closed, edition = load_demonstration(at=datetime(year - 1, 10, 1, 12, tzinfo=UTC))
    assert edition.starts_on == first_day
