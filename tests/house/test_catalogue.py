"""The English catalogue is complete, and English pages show no French text that is not marked as French."""

import importlib.util
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from intake.web.errors import render_alone
from intake.web.language import COOKIE, use_french_plurals
from tests.house.access import Line, declared
from tests.house.browser import one_savepoint
from tests.house.pages_text import PageText, page_texts
from tests.house.routes import all_routes
from tests.house.world import PEOPLE, World

pytestmark = pytest.mark.django_db


def _script() -> ModuleType:
    path = Path(settings.BASE_DIR) / "scripts" / "catalogue.py"
    spec = importlib.util.spec_from_file_location("catalogue", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


catalogue = _script()
MESSAGES: list[Message] = catalogue.messages(catalogue.read_catalogue())
HOLE = re.compile(r"%\(\w+\)[a-z]|%[a-z]|%%|</?[a-z][^>]*>")
"""What a translation must keep unchanged: placeholders, percent signs, tags."""


def _pairs() -> Iterator[tuple[str, str]]:
    """Yield each French string with its English translation; plural forms separately."""
    for message in MESSAGES:
        if isinstance(message.id, str):
            yield message.id, str(message.string)
        else:
            yield from zip(message.id, message.string or (), strict=True)


# -- The catalogue itself ------------------------------------------------------------------------------------
def test_the_catalogue_matches_the_source() -> None:
    expected = catalogue.written(catalogue.updated_catalogue())
    assert catalogue.CATALOGUE.read_text(encoding="utf-8") == expected, "run scripts/catalogue"


def test_every_message_is_translated_and_none_is_fuzzy() -> None:
    assert len(MESSAGES) > 500
    assert [message.id for message in MESSAGES if not catalogue.is_translated(message)] == []


def test_the_script_knows_every_alias_of_gettext() -> None:
    taken = re.compile(r"\b\w*gettext\w* as (\w+)")
    names = {
        name
        for path in catalogue.source_files()
        if path.suffix == ".py"
        for name in taken.findall(path.read_text(encoding="utf-8"))
    }
    assert names
    assert names <= set(catalogue.KEYWORDS)


def test_translations_keep_placeholders_and_tags() -> None:
    assert [
        (french, english)
        for french, english in _pairs()
        if sorted(HOLE.findall(french)) != sorted(HOLE.findall(english))
    ] == []


def test_plural_forms_follow_english() -> None:
    read = catalogue.read_catalogue()
    assert (read.num_plurals, read.plural_expr) == (2, "(n != 1)")


def test_english_has_no_french_typography() -> None:
    assert [
        english for _french, english in _pairs() if re.search(r"[«»\u00a0\u202f']|\s[:;!?%$](?!\()", english)
    ] == []


def test_an_entry_without_english_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    part = catalogue.CATALOGUE.read_text(encoding="utf-8").replace('msgstr "Yes"', 'msgstr ""')
    monkeypatch.setattr(catalogue, "CATALOGUE", tmp_path / "django.po")
    catalogue.CATALOGUE.write_text(part, encoding="utf-8")
    missing = [message.id for message in catalogue.messages(catalogue.read_catalogue())
               if not catalogue.is_translated(message)]  # fmt: skip
    assert "Oui" in missing


# -- The pages -----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module", autouse=True)
def in_english(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compile the catalogue for this module: an older compiled form may differ from the source."""
    folder = tmp_path_factory.mktemp("locale")
    compiled = folder / "en" / "LC_MESSAGES" / "django.mo"
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as file:
        write_mo(file, catalogue.read_catalogue())
    with override_settings(LOCALE_PATHS=[folder]):
        use_french_plurals()  # Django drops every language when the folders change
        yield
    use_french_plurals()


@pytest.fixture(scope="module")
def english_world(world: World) -> World:
    """The world, in which every person attested that they may be served in English."""
    client = Client()
    client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    choice = client.cookies[COOKIE].value
    return replace(
        world,
        cookies={
            person: SimpleCookie({name: morsel.value for name, morsel in cookies.items()} | {COOKIE: choice})
            for person, cookies in world.cookies.items()
        },
    )


# Proper names that look French, without an English form; the last is a process's.
NAMES = (
    "Régie de l’assurance maladie du Québec",
    "École du Barreau du Québec",
    "Compétences et expérience requises",
    "exporter",
)
FRENCH_WORDS = re.compile(
    r"[«»]|\b(le|la|les|des|est|une|vous|votre|vos|dans|pour|avec|sur|pas|cette|du|au|aux|qui|que|et|ou|nous|sont|par)\b",
    re.IGNORECASE,
)
LONG = 12  # characters; shorter parts also occur in English
WHOLE = {french.casefold() for french, english in _pairs() if french.casefold() != english.casefold()}
WHOLE -= {english.casefold() for _french, english in _pairs()}
PIECES = {
    piece
    for french, english in _pairs()
    for piece in (" ".join(part.split()) for part in HOLE.split(french))
    if len(piece) > LONG and " " in piece and piece not in " ".join(english.split())
}


# A random request id: one of its groups may be a French word.
A_REFERENCE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}\b")


@cache
def _is_french(text: str) -> bool:
    """True if a text is a source string, contains a part of one, or has French words."""
    return (
        text.rstrip(" :").casefold() in WHOLE
        or any(piece in text for piece in PIECES)
        or FRENCH_WORDS.search(A_REFERENCE.sub("", text)) is not None
    )


def _french_in(html: str, data: tuple[str, ...] = ()) -> list[str]:
    """Return the French texts of a page that it does not mark as French. `data`: texts of users, in any language."""
    return sorted({said.text for said in page_texts(html) if not _excused(said, data)})


def _excused(said: PageText, data: tuple[str, ...]) -> bool:
    return said.typed or said.language.startswith("fr") or not _is_french(_without(said.text, data))


@cache
def _without(text: str, data: tuple[str, ...]) -> str:
    """Return `text` without the texts of users. Cached: most texts are on several pages."""
    for written in (*NAMES, *data):
        text = text.replace(written, "")
    return text


def _user_texts() -> tuple[str, ...]:
    """Return every text in the database's rows, longest first."""
    rows = (
        value
        for model in apps.get_models()
        for row in model._default_manager.values_list()
        for value in row
    )  # fmt: skip
    texts = {" ".join(text.split()) for value in rows for text in _texts(value)}
    return tuple(sorted((text for text in texts if len(text) > 3), key=len, reverse=True))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from value.splitlines()
        yield from (line.lstrip(" •") for line in value.splitlines())
    elif isinstance(value, dict):
        yield from (text for each in value.values() for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))


@pytest.mark.parametrize(
    "html,found",
    [
        ("<p>Mes candidatures</p>", ["Mes candidatures"]),
        ("<p>mes candidatures : </p>", ["mes candidatures :"]),
        ('<p lang="en-CA"><a aria-label="Se connecter"></a></p>', ["Se connecter"]),
        ('<input type="submit" value="Déposer">', ["Déposer"]),
        ("<p>Dossier déposé hier</p>", ["Dossier déposé hier"]),
        ("<p>Jamais traduit : la suite</p>", ["Jamais traduit : la suite"]),
        ("<p>Organization: <b>Le Fonds</b></p>", []),
        ('<p lang="fr-CA">Mes <b>candidatures</b></p>', []),
        ('<textarea>Dans la vie</textarea><input value="Dans la vie">', []),
        ("<p>My applications</p><script>var le = 1</script>", []),
    ],
)
def test_french_text_without_its_language_mark_is_found(html: str, found: list[str]) -> None:
    assert _french_in(html, ("Le Fonds",)) == found


ROUTES = {route.name: route for route in all_routes()}
LINES: dict[str, list[Line]] = defaultdict(list)
for _line in declared():
    LINES[_line.route].append(_line)


@pytest.fixture(autouse=True)
def in_one_savepoint(db: None) -> Iterator[None]:
    """Share one savepoint: only requests write here."""
    with one_savepoint():
        yield


@pytest.fixture(scope="module")
def written(english_world: World) -> tuple[str, ...]:
    """The texts that the people of the world entered."""
    del english_world
    return _user_texts()


REFUSED = {"403", "404", "405"}


def _is_refused(outcome: str) -> bool:
    return outcome in REFUSED


def _is_shown(outcome: str) -> bool:
    """True if a declared outcome is a page of its own. A redirect shows nothing here."""
    return outcome not in REFUSED and outcome != "door" and not outcome.startswith(">")


def _french_at(
    world: World, written: tuple[str, ...], name: str, is_asked: Callable[[str], bool], *, each: bool = True
) -> set[str]:
    """Return the French texts at the addresses of a route, for people whose outcome satisfies `is_asked`.

    Unless `each`, for the first and the last of them: the others see parts of these pages.
    """
    left: set[str] = set()
    for line in LINES[name]:
        address = ROUTES[name].address(world.values_for(ROUTES[name], line.variant))
        asked = [who for who in PEOPLE if is_asked(line.outcomes[who])]
        for person in asked if each else {*asked[:1], *asked[-1:]}:
            answer = world.ask(person, line.method, address)
            if isinstance(answer, HttpResponse) and answer.headers["Content-Type"].startswith("text/html"):
                assert answer.headers["Content-Language"] == "en-CA"
                left.update(f"{person}: {text}" for text in _french_in(answer.content.decode(), written))
    return left


def _shows_something(name: str) -> bool:
    return any(_is_shown(outcome) for line in LINES[name] for outcome in line.outcomes.values())


SHOWN = [name for name in sorted(LINES.keys() & ROUTES.keys()) if _shows_something(name)]


@pytest.mark.parametrize("name", SHOWN[::2])
def test_an_english_page_shows_no_french(english_world: World, written: tuple[str, ...], name: str) -> None:
    assert _french_at(english_world, written, name, _is_shown, each=False) == set()


@pytest.mark.full
@pytest.mark.parametrize("name", SHOWN)
def test_an_english_page_shows_no_french_to_each_user(
    english_world: World, written: tuple[str, ...], name: str
) -> None:
    assert _french_at(english_world, written, name, _is_shown) == set()


def _refusals() -> Iterator[Any]:
    """Yield each route with a refusal. It is marked `full` if an earlier route refused the same people the same way.

    A refusal has one text per person and part of the portal, at every address.
    """
    met: set[tuple[str, ...]] = set()
    for name in sorted(LINES.keys() & ROUTES.keys()):
        here = {
            (outcome, person, name.partition(":")[0])
            for line in LINES[name]
            for person, outcome in line.outcomes.items()
            if _is_refused(outcome)
        }
        if here:
            yield pytest.param(name, marks=() if here - met else pytest.mark.full)
        met |= here


@pytest.mark.parametrize("name", [*_refusals()])
def test_a_refusal_in_english_shows_no_french(
    english_world: World, written: tuple[str, ...], name: str
) -> None:
    assert _french_at(english_world, written, name, _is_refused) == set()


def test_the_page_of_a_failure_and_the_mail_of_a_code_are_english(client: Client) -> None:
    for page in ("500", "maintenance"):
        text = render_alone(RequestFactory().get("/"), f"errors/{page}.html", language="en", ends_at=None)
        assert _french_in(text) == []
    client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    client.post(reverse("accounts:sign_in"), {"email": "someone@example.invalid"})
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    parts = [str(message.subject), *str(message.body).splitlines()]
    assert [part for part in parts if _is_french(part)] == []
    ((html, _kind),) = message.alternatives
    assert _french_in(str(html)) == []
