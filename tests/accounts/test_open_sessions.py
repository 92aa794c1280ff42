"""Open sessions: their owner and administrators see and end them; nothing of them is kept longer."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache, caches
from django.test import Client
from django.utils import timezone

from intake.accounts.models import OpenSession, User
from intake.accounts.open_sessions import device_name, end_other_sessions
from intake.journal.models import Entry
from intake.web.sessions import OPENED, SEEN, SessionStore
from tests.accounts.sign_in_steps import CONFIRM, ask, last_code
from tests.factories.factors import FIREFOX, make_open_session
from tests.factories.passkeys import SoftwarePasskey
from tests.factories.people import client_of, make_administrator, make_user

pytestmark = pytest.mark.django_db
CHROME_ON_ANDROID = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"


@pytest.fixture
def owner() -> User:
    return make_user("alex@exemple.invalid")


def sign_in(user_agent: str) -> Client:
    client = Client(headers={"user-agent": user_agent})
    ask(client, "alex@exemple.invalid")
    client.post(CONFIRM, {"code": last_code()})
    return client


def page_of(client: Client) -> str:
    return str(client.get("/securite/").content.decode())


def ending(page: str) -> list[str]:
    return re.findall(r"/securite/session/[0-9a-f-]{36}/", page)


def is_signed_in(client: Client) -> bool:
    return bool(client.get("/securite/").status_code == 200)


def test_a_person_sees_each_device_and_ends_one(owner: User) -> None:
    here, there = sign_in(FIREFOX), sign_in(CHROME_ON_ANDROID)
    page = page_of(here)
    assert "Firefox, Windows" in page
    assert "Chrome, Android" in page
    assert page.count("Cette session") == 1
    [address] = ending(page)
    assert here.post(address)["Location"] == "/securite/"
    assert not is_signed_in(there)
    assert is_signed_in(here)


def test_a_person_ends_all_other_sessions(owner: User) -> None:
    here, there, elsewhere = sign_in(FIREFOX), sign_in(CHROME_ON_ANDROID), sign_in(FIREFOX)
    here.post("/securite/autres-sessions/")
    assert [is_signed_in(client) for client in (here, there, elsewhere)] == [True, False, False]
    assert Entry.objects.get(action="SESSIONS_ENDED").detail == "2"


def test_a_person_cannot_end_the_session_of_another(owner: User) -> None:
    sign_in(FIREFOX)
    row = OpenSession.objects.get()
    stranger = client_of(make_user())
    stranger.post(f"/securite/session/{row.public_id}/")
    stranger.post("/securite/autres-sessions/")
    assert OpenSession.objects.filter(pk=row.pk).exists()


def test_an_administrator_ends_the_sessions_of_a_person(owner: User) -> None:
    there = sign_in(FIREFOX)
    administrator = make_administrator()
    page = f"/admin/comptes/{owner.public_id}/sessions/"
    client = client_of(administrator)
    assert "Firefox, Windows" in client.get(page).content.decode()
    client.post(page)
    assert not is_signed_in(there)
    entry = Entry.objects.get(action="SESSIONS_ENDED")
    assert (entry.actor_id, entry.subject_id) == (administrator.pk, str(owner.public_id))


def test_nothing_of_a_session_is_kept_after_it(owner: User) -> None:
    client = sign_in(FIREFOX)
    assert OpenSession.objects.count() == 1
    client.post("/deconnexion/")
    assert OpenSession.objects.count() == 0


def test_a_session_beyond_its_limits_is_not_listed(owner: User) -> None:
    here = sign_in(FIREFOX)
    row = make_open_session(owner, user_agent=CHROME_ON_ANDROID)
    assert "Chrome, Android" in page_of(here)
    store = SessionStore(row.session_id)
    store[SEEN] -= settings.SESSION_IDLE_SECONDS
    store.save()
    cache.clear()
    assert "Chrome, Android" not in page_of(here)


def test_a_session_of_an_earlier_time_is_not_listed(owner: User) -> None:
    make_open_session(owner)
    owner.set_unusable_password()  # ends all sessions of the account
    owner.save()
    assert "Firefox" not in page_of(client_of(owner))


@pytest.mark.parametrize(
    "user_agent, name",
    [
        (FIREFOX, "Firefox, Windows"),
        (CHROME_ON_ANDROID, "Chrome, Android"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15",
            "Safari, macOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0",
            "Edge, Windows",
        ),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_by_its_browser_and_system(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name


@pytest.mark.parametrize("way", ["others", "one"])
def test_ending_a_session_proposes_to_remove_what_it_added(owner: User, way: str) -> None:
    old = SoftwarePasskey(owner).register()
    Authenticator.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(days=30), data={"name": "Ancienne"}
    )
    sign_in(CHROME_ON_ANDROID)
    added = Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Celle du voleur"})
    stranger = SoftwarePasskey(make_user()).register()
    here = sign_in(FIREFOX)
    assert "Reconnaissez-vous" not in page_of(here)
    here.post("/securite/autres-sessions/" if way == "others" else ending(page_of(here))[0])
    offered = page_of(here).split("Reconnaissez-vous")[1].split("<h2>")[0]
    assert "Celle du voleur" in offered
    assert "Ancienne" not in offered
    for factor, listed in ((added, True), (old, False), (stranger, False)):
        assert (f"/connexion/deux-etapes/{factor.pk}/retirer/" in offered) is listed
    here.post(f"/connexion/deux-etapes/{added.pk}/retirer/")
    assert "Reconnaissez-vous" not in page_of(here)


def test_ending_sessions_proposes_to_remove_what_is_newer_than_the_first_of_them(owner: User) -> None:
    """The second session is newer than what the first one added."""
    store = SessionStore(make_open_session(owner).session_id)
    store[OPENED] -= 120
    store.save()
    at = timezone.now() - timedelta(seconds=60)
    added = Authenticator.objects.create(
        user=owner, type="webauthn", data={"name": "Du voleur"}, created_at=at
    )
    make_open_session(owner)
    here = sign_in(FIREFOX)
    here.post("/securite/autres-sessions/")
    assert f"/connexion/deux-etapes/{added.pk}/retirer/" in page_of(here).split("Reconnaissez-vous")[1]


def test_a_session_that_a_request_copied_again_while_it_was_ended_stays_ended(
    owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    """A request reads the row before the end commits, and puts it in the cache after the first deletion there."""
    there = sign_in(FIREFOX)
    key = SessionStore(there.session.session_key).cache_key
    assert is_signed_in(there)
    sessions = caches[settings.SESSION_CACHE_ALIAS]
    copied = sessions.get(key)
    assert copied
    with django_capture_on_commit_callbacks(execute=True):
        end_other_sessions(user=owner, current=None, actor=owner)
        sessions.set(key, copied)
    assert not is_signed_in(there)


def test_ending_a_session_proposes_to_remove_the_passkey_that_opened_it(owner: User) -> None:
    passkey = SoftwarePasskey(owner)
    factor = passkey.register()
    Authenticator.objects.filter(pk=factor.pk).update(created_at=timezone.now() - timedelta(days=1))
    there = Client()
    asked = there.post("/connexion/cle/demande/", secure=True).json()
    answer = passkey.answer(asked["options"], counter=0)
    there.post("/connexion/cle/", {"credential": answer, "state": asked["state"]}, secure=True)
    here = sign_in(FIREFOX)
    here.post("/securite/autres-sessions/")
    assert f"/connexion/deux-etapes/{factor.pk}/retirer/" in page_of(here).split("Reconnaissez-vous")[1]
