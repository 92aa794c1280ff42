"""A press after the session ended: its form is kept, and it counts from when it came, within a minute."""

import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from intake.devtools.embedded import Urls
from intake.settings import services
from intake.submissions.filing import held_press
from intake.submissions.filing.witness import witnesses
from intake.submissions.models import Arrival, Draft, Filing
from tests.factories.people import client_of
from tests.factories.submissions import close_offer, make_draft
from tests.submissions.pages import browser_of, pressed, text_of, url, view_context
from tests.submissions.rows import clock_instant

pytestmark = pytest.mark.django_db(transaction=True)
IN_PLACE = {"X-In-Place": "1"}
REFUSED_BY_RULES: dict[str, Any] = {"birth_date": "1970-01-01"}


@pytest.fixture
def attested(
    transactional_db: None, embedded_servers: Urls, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """This process attests when requests came, by sessions that log in as the application's role."""
    del transactional_db
    connection.ensure_connection()
    address = services.database(embedded_servers.database)
    for key in ("USER", "PASSWORD"):
        monkeypatch.setitem(connection.settings_dict, key, address[key])
    witnesses.renew()
    yield
    for session in witnesses._sessions:
        session.connection.close()
    witnesses._sessions = ()


def _press(client: Client, draft: Draft, data: dict[str, str], *, came_ns: int | None = None) -> Any:
    """Press in place; the server received the request at `came_ns`."""
    extra: dict[str, Any] = {"gunicorn.socket": SimpleNamespace(received_ns=came_ns)}
    return client.post(url("file", draft), data, headers=IN_PLACE, **extra)


@pytest.mark.usefixtures("attested")
def test_a_press_without_session_counts_from_when_it_came_once_signed_in() -> None:
    draft = make_draft()
    data = pressed(draft)
    before, came, after = clock_instant(), time.time_ns(), clock_instant()
    first = _press(Client(), draft, data, came_ns=came)
    assert first.status_code == 401
    assert not Arrival.objects.exists()
    close_offer(draft.submission.offer, seconds_ago=0)
    time.sleep(0.2)
    held = data | {"press": first.json()["press"]}
    again = _press(browser_of(draft), draft, held, came_ns=time.time_ns())
    assert again.json() == {"to": url("receipt", draft)}
    exact = timedelta(milliseconds=1)
    assert before - exact <= Filing.objects.get().received_at <= after + exact


@pytest.mark.usefixtures("attested")
@pytest.mark.parametrize("change", ["text", "version", "forged", "old", "none"])
def test_an_earlier_press_counts_for_the_same_form_alone_and_for_a_minute(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = make_draft(**REFUSED_BY_RULES)
    data = pressed(draft, review_message="Voici pourquoi.")
    press = _press(Client(), draft, data, came_ns=time.time_ns()).json()["press"]
    close_offer(draft.submission.offer, seconds_ago=0)
    later = data | {"press": press}
    if change == "text":
        later |= {"review_message": "Un autre texte."}
    elif change == "version":
        Draft.objects.filter(pk=draft.pk).update(version=draft.version + 1)
        later |= pressed(draft, review_message="Voici pourquoi.") | {"press": press}
    elif change == "forged":
        later |= {"press": press[:-2]}
    elif change == "old":
        monkeypatch.setattr(held_press, "LASTS_SECONDS", -1)
    else:
        later |= {"press": ""}
    time.sleep(0.1)
    answer = _press(browser_of(draft), draft, later, came_ns=time.time_ns())
    assert answer.status_code == 409
    assert "Cette candidature n’est pas déposée." in text_of(answer.content)
    assert not Filing.objects.exists()


@pytest.mark.usefixtures("attested")
def test_a_press_that_came_too_late_is_refused_after_signing_in_too() -> None:
    draft = make_draft()
    close_offer(draft.submission.offer, seconds_ago=0)
    time.sleep(0.1)
    data = pressed(draft)
    press = _press(Client(), draft, data, came_ns=time.time_ns()).json()["press"]
    answer = _press(browser_of(draft), draft, data | {"press": press}, came_ns=time.time_ns())
    assert answer.status_code == 409
    assert not Filing.objects.exists()


@pytest.mark.usefixtures("attested")
def test_the_held_press_of_another_person_files_nothing_of_theirs() -> None:
    draft = make_draft()
    data = pressed(draft)
    press = _press(Client(), draft, data, came_ns=time.time_ns()).json()["press"]
    assert "process" not in press
    assert witnesses._sessions[-1].witness.partition(":")[2] not in press
    stranger = browser_of(make_draft())
    assert _press(stranger, draft, data | {"press": press}).status_code == 404
    assert not Filing.objects.exists()


def test_presses_of_visitors_leave_nothing_on_the_server() -> None:
    draft, visitor = make_draft(), Client()
    data = pressed(draft)
    for headers in (IN_PLACE, {}):
        visitor.post(url("file", draft), data, headers=headers)
    assert not Arrival.objects.exists()
    assert not Session.objects.exists()
    assert visitor.cookies.keys() <= {settings.FORM_COOKIE_NAME}


def test_without_script_the_declarations_and_the_text_come_back_after_signing_in() -> None:
    draft = make_draft(**REFUSED_BY_RULES)
    visitor = Client()
    data = pressed(draft, review_message="Ma date de naissance est mal écrite.")
    answer = visitor.post(url("file", draft), data)
    assert answer.headers["Location"].startswith("/connexion/?")
    visitor.cookies.update(client_of(draft.submission.candidate).cookies)
    shown = visitor.get(url("file", draft))
    text = text_of(shown.content)
    assert "Votre session s’était terminée : rien n’est encore déposé." in text
    assert "Ma date de naissance est mal écrite." in text
    assert text.count('checked="checked"') + text.count(" checked>") + text.count(" checked ") == 2
    assert visitor.get(url("file", draft)).headers["Location"] == url("review", draft)
    assert not Filing.objects.exists()


# -- The text of a review request -----------------------------------------------------------------------


def test_the_text_of_a_review_request_is_saved_while_it_is_typed() -> None:
    draft = make_draft(**REFUSED_BY_RULES)
    client, typed = browser_of(draft), "Je suis née en 1998.\x00"
    before = pressed(draft)
    saved = client.post(url("autosave_message", draft), {"review_message": typed, "seen": before["seen"]})
    assert saved.status_code == 200
    assert "Enregistré à" in text_of(saved.content)
    assert f'data-seen="{before["seen"]}"' in saved.content.decode()
    assert pressed(draft)["seen"] == before["seen"], "an open page may still be filed"
    shown = view_context(client.get(url("review", draft)))
    assert shown["form"]["review_message"].value() == "Je suis née en 1998."
    for person, status in ((Client(), 401), (browser_of(make_draft()), 404)):
        assert person.post(url("autosave_message", draft), {"review_message": "x"}).status_code == status
    filed = client.post(url("file", draft), before | {"review_message": "Le texte déposé."})
    assert filed.headers["Location"] == url("receipt", draft)
    assert Filing.objects.get().review_request.message == "Le texte déposé."
    assert client.post(url("autosave_message", draft), {"review_message": "x"}).status_code == 404


def test_the_text_of_a_review_request_has_a_maximum_and_ends_with_the_offer() -> None:
    draft = make_draft(**REFUSED_BY_RULES)
    client = browser_of(draft)
    client.post(url("autosave_message", draft), {"review_message": "é" * 9000})
    assert len(Draft.objects.get(pk=draft.pk).answers["review_message"]["text"]) == 4000
    close_offer(draft.submission.offer, seconds_ago=1)
    late = client.post(url("autosave_message", draft), {"review_message": "Trop tard."})
    assert (late.status_code, "Trop tard" in str(Draft.objects.get(pk=draft.pk).answers)) == (409, False)
