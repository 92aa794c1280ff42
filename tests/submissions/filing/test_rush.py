"""In a rush, requests to file are received before users, forms and pages are loaded, and nothing else changes."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import ARRIVALS
from intake.submissions.drafts.collection_notice import Notice
from intake.submissions.filing import line as lines
from intake.submissions.filing.arrivals import (
    IN_RUSH,
    file_if_room,
    file_waiting,
    leave_to_workers,
    many_wait,
)
from intake.submissions.lifecycle.errors import OfferNotOpenError
from intake.submissions.models import Arrival, Draft, Filing
from tests.database_roles import as_owner
from tests.factories.arrivals import close_after_arrivals
from tests.factories.people import client_of, make_user
from tests.factories.submissions import make_arrival, make_draft, make_filing, make_open_offer
from tests.security_log import SecurityLog
from tests.submissions.filed_pages import amend
from tests.submissions.pages import browser_of, pressed, text_of, url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def line(monkeypatch: pytest.MonkeyPatch) -> lines.Line:
    """The line of this process, read anew for each request of the test."""
    line = lines.Line()
    monkeypatch.setattr(lines, "_EVERY_SECONDS", 0.0)
    for module in ("arrivals", "rush"):
        monkeypatch.setattr(f"intake.submissions.filing.{module}.line", line)
    return line


@pytest.fixture(scope="module")
def waiting(module_db: None) -> list[Draft]:
    """Drafts of as many candidates as make a rush, each of which waits to be filed."""
    offer = make_open_offer()
    drafts = [make_draft(offer=offer) for _ in range(lines.FEW)]
    for draft in drafts:
        make_arrival(draft)
    return drafts


@pytest.fixture
def rush(waiting: list[Draft], line: lines.Line) -> list[Draft]:
    line.begin_rush()
    return waiting


@pytest.fixture
def draft(rush: list[Draft]) -> Draft:
    """A draft that is ready to file, in a rush."""
    return make_draft(offer=rush[0].submission.offer)


def _press(draft: Draft, client: Client | None = None, **typed: str) -> HttpResponse:
    return (client or browser_of(draft)).post(url("file", draft), pressed(draft, **typed))  # type: ignore[return-value]  # -- a response


def _in_english(draft: Draft) -> Client:
    client = browser_of(draft)
    client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    return client


def _article(content: bytes) -> str:
    """Return what a page says below its header, without tokens."""
    return re.sub(r"<header>.*</header>", "", text_of(content))


def test_a_request_to_file_arrives_and_is_answered_by_its_page(draft: Draft) -> None:
    answer = _press(draft)
    arrival = Arrival.objects.get(draft=draft)
    assert (answer.status_code, arrival.state) == (202, "WAITING")
    assert (arrival.version, set(arrival.declarations), arrival.reads_english) == (
        draft.version,
        {"truth", "consent"},
        False,
    )
    page = answer.content.decode()
    assert '<strong>Arrivée le <time datetime="' in page
    assert f'content="5; url={url("arrival", draft)}"' in page
    assert "La vôtre est la prochaine." in text_of(
        answer.content
    )  # all of a test have its transaction's instant
    assert draft.submission.candidate.email in page
    assert not Filing.objects.filter(submission=draft.submission).exists()
    assert answer.headers["Retry-After"] == "1"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert Delivery.objects.filter(kind=ARRIVALS).exists()


def test_the_page_is_the_ordinary_one_without_the_account(
    draft: Draft, line: lines.Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser_of(draft)
    _press(draft, client)
    monkeypatch.setattr("intake.submissions.filing.arrival_views.count_before", lambda _: 0)
    in_rush = client.get(url("arrival", draft))
    monkeypatch.setattr(line, "is_long", lambda: False)
    whole = client.get(url("arrival", draft))
    assert _article(in_rush.content) == _article(whole.content)
    assert (in_rush.status_code, whole.status_code) == (202, 202)
    for header in ("Content-Security-Policy", "Content-Language", "Cache-Control", "Retry-After", "Vary"):
        assert in_rush.headers[header] == whole.headers[header], header
    assert b"Se d\xc3\xa9connecter" in whole.content
    assert b"<form" not in in_rush.content


def test_what_arrived_in_a_rush_is_filed_at_its_instant(draft: Draft) -> None:
    client = browser_of(draft)
    _press(draft, client)
    file_waiting(Delivery(), timezone.now())
    assert Filing.objects.get(draft=draft).received_at == Arrival.objects.get(draft=draft).arrived_at
    answer = client.get(url("arrival", draft))
    assert (answer.status_code, answer.headers["Location"]) == (302, url("receipt", draft))


def test_who_asks_again_once_it_is_filed_is_led_to_the_receipt_by_one_statement(
    draft: Draft, line: lines.Line, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    client = browser_of(draft)
    _press(draft, client)
    file_waiting(Delivery(), timezone.now())
    monkeypatch.setattr(line, "is_long", lambda: True)  # others wait
    with django_assert_num_queries(1):
        answer = client.get(url("arrival", draft))
    assert (answer.status_code, answer.headers["Location"]) == (302, url("receipt", draft))
    assert "no-store" in answer.headers["Cache-Control"]
    stranger = client_of(make_user())
    assert stranger.get(url("arrival", draft)).status_code == 404
    assert "/connexion/" in Client().get(url("arrival", draft)).headers["Location"]


def test_who_reads_english_has_the_pages_and_the_receipt_in_english(draft: Draft) -> None:
    offer = draft.submission.offer
    other, english = make_draft(offer=offer), _in_english(draft)
    pages = [text_of(_press(other).content), text_of(_press(draft, english).content)]
    for words in ("Arrivée le", "La vôtre est la prochaine.", "Mes candidatures"):
        assert [words in page for page in pages] == [True, False]
    file_waiting(Delivery(), timezone.now())
    asked = Delivery.objects.filter(kind__startswith="RECEIPT_PDF")
    numbers = [Filing.objects.get(draft=each).receipt.number for each in (other, draft)]
    assert dict(asked.filter(key__in=numbers).values_list("key", "kind")) == dict(
        zip(numbers, ("RECEIPT_PDF", "RECEIPT_PDF_IN_ENGLISH"), strict=True)
    )


def test_a_late_reader_of_english_gets_the_refusal_in_english(draft: Draft) -> None:
    close_after_arrivals(draft.submission.offer, seconds_ago=1)
    answers = [_press(draft), _press(draft, _in_english(draft))]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert [b"Cette candidature" in answer.content for answer in answers] == [True, False]


@pytest.mark.parametrize("is_long", [True, False], ids=["in_a_rush", "on_the_ordinary_page"])
def test_an_instant_is_written_in_the_zone_of_the_offer(
    rush: list[Draft], line: lines.Line, monkeypatch: pytest.MonkeyPatch, *, is_long: bool
) -> None:
    offer = make_open_offer(time_zone="America/Vancouver")
    draft, late = make_draft(offer=offer), make_draft(offer=offer)
    make_arrival(draft)
    monkeypatch.setattr(line, "is_long", lambda: is_long)
    page = text_of(browser_of(draft).get(url("arrival", draft)).content)
    close_after_arrivals(offer, seconds_ago=1)
    refused = text_of(_press(late).content)
    for text, words in ((page, "Arrivée le"), (refused, "à l’horloge du serveur :")):
        assert "du Pacifique)" in text[text.index(words) :][:300], words


def test_the_arrivals_of_others_are_not_those_of_a_draft(draft: Draft) -> None:
    answer = browser_of(draft).get(url("arrival", draft))
    assert (answer.status_code, answer.headers["Location"]) == (302, url("tasks", draft))


def test_an_arrival_that_was_refused_is_left_to_the_view(draft: Draft, line: lines.Line) -> None:
    client = browser_of(draft)
    _press(draft, client)
    Arrival.objects.filter(draft=draft).update(state="REFUSED", reason="expired")
    line.begin_rush()
    answer = client.get(url("arrival", draft))
    assert (answer.status_code, "proof-arrived" in answer.content.decode()) == (200, False)


def test_a_request_costs_two_statements(draft: Draft, django_assert_num_queries: Any) -> None:
    _press(
        make_draft(offer=draft.submission.offer)
    )  # wakes the workers, as one of the first in a tenth of a second
    client, data = browser_of(draft), pressed(draft)
    with django_assert_num_queries(
        5
    ):  # and the line, once a second; savepoint and release, in a test's transaction
        client.post(url("file", draft), data)
    with django_assert_num_queries(2):  # the page and the line
        client.get(url("arrival", draft))


def test_a_second_request_has_the_instant_of_the_first(draft: Draft) -> None:
    client = browser_of(draft)
    first, second = _press(draft, client), _press(draft, client)
    assert Arrival.objects.filter(draft=draft).count() == 1
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.content == second.content


def test_nothing_is_received_early_while_few_wait(draft: Draft, rush: list[Draft]) -> None:
    file_waiting(Delivery(), timezone.now())
    answer = _press(draft)
    assert (answer.status_code, answer.headers["Location"]) == (302, url("receipt", draft))


def test_dossiers_wait_for_the_end_of_a_rush(draft: Draft) -> None:
    assert many_wait(timezone.now())
    file_waiting(Delivery(), timezone.now())
    assert not many_wait(timezone.now())
    for other in (make_draft(offer=draft.submission.offer) for _ in range(lines.FEW - 1)):
        make_arrival(other)
    assert not many_wait(timezone.now())


def test_dossiers_wait_for_no_arrival_that_was_refused(waiting: list[Draft]) -> None:
    assert many_wait(timezone.now())
    Arrival.objects.filter(draft=waiting[0]).update(state=Arrival.State.REFUSED, reason="INCOMPLETE")
    assert not many_wait(timezone.now())


def test_the_workers_are_woken_once_a_second_in_a_rush(draft: Draft) -> None:
    start = timezone.now().replace(microsecond=0)
    for milliseconds in (0, 400, 999, 1000):
        leave_to_workers(at=start + timedelta(milliseconds=milliseconds), every=IN_RUSH)
    assert Delivery.objects.filter(kind=ARRIVALS).count() == 2
    with patch("intake.submissions.filing.rush.leave_to_workers") as leave:
        _press(draft)
    leave.assert_called_once_with(at=Arrival.objects.get(draft=draft).arrived_at, every=IN_RUSH)


def test_an_arrival_behind_many_begins_the_rush(waiting: list[Draft], line: lines.Line) -> None:
    assert not line.is_long()
    draft = make_draft(offer=waiting[0].submission.offer)
    arrival = make_arrival(draft)
    assert file_if_room(arrival=arrival, actor=draft.submission.candidate) is None
    assert line.is_long()


def test_the_line_gives_the_number_before_an_instant(rush: list[Draft], line: lines.Line) -> None:
    first = Arrival.objects.earliest("arrived_at").arrived_at
    assert line.is_long()
    assert (line.before(first), line.before(first + timedelta(seconds=1))) == (0, lines.FEW)


def test_the_page_asks_again_as_fast_as_the_line_moves(line: lines.Line) -> None:
    assert line.seconds_behind(400) == 400 / lines.FIRST_GUESS
    start = timezone.now()
    for second in range(30):  # ten a second are filed
        line._replace([start + timedelta(seconds=n) for n in range(second * 10, 1000)], since=1.0)
    assert line.seconds_behind(400) == pytest.approx(40, rel=0.01)
    for _second in range(30):  # then nothing is
        line._replace(line._instants, since=1.0)
    assert line.seconds_behind(400) == 400 / lines.SLOWEST


def test_a_new_rush_learns_nothing_from_the_end_of_the_last_one(line: lines.Line) -> None:
    line.begin_rush()
    line._replace([timezone.now()], since=1.0)  # fewer than a rush: it is over
    line.begin_rush()
    line._replace([timezone.now()], since=3600.0)
    assert line.seconds_behind(400) == 400 / lines.FIRST_GUESS


# -- Whatever is not plain takes the whole path ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "typed, leads_to",
    [
        ({"truth": ""}, "file"),
        ({"seen": "1-1"}, "file"),
        ({"seen": ""}, "file"),
        ({"review_message": "Voyez mon âge."}, "arrival"),
        ({"press": "x"}, "arrival"),
    ],
)
def test_a_form_that_is_not_plain_is_answered_as_without_a_rush(
    draft: Draft, typed: dict[str, str], leads_to: str
) -> None:
    answer = _press(draft, None, **typed)
    assert (answer.status_code, answer.headers["Location"]) == (302, url(leads_to, draft))


def test_an_older_version_does_not_arrive(draft: Draft) -> None:
    data = pressed(draft)
    Draft.objects.filter(pk=draft.pk).update(version=draft.version + 1)
    assert browser_of(draft).post(url("file", draft), data, follow=True).status_code == 409
    assert not Arrival.objects.filter(draft=draft).exists()


def test_a_late_request_is_refused_on_the_ordinary_page_without_the_account(
    draft: Draft, line: lines.Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser_of(draft)
    close_after_arrivals(draft.submission.offer, seconds_ago=1)
    in_rush = _press(draft, client)
    monkeypatch.setattr(line, "is_long", lambda: False)
    whole = _press(draft, client)
    assert (in_rush.status_code, whole.status_code) == (409, 409)
    assert _article(in_rush.content) == _article(whole.content)
    assert "Cette candidature n’est pas déposée." in text_of(in_rush.content)
    assert "no-store" in in_rush.headers["Cache-Control"]
    assert b"<form" not in in_rush.content
    assert not Arrival.objects.filter(draft=draft).exists()


def test_the_end_of_a_personal_extension_is_left_to_the_view(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission, now = draft.submission, timezone.now()
    submission.offer.closes_at, submission.extended_until = now - timedelta(2), now - timedelta(1)
    refused = OfferNotOpenError(submission=submission, at=now)
    monkeypatch.setattr("intake.submissions.filing.rush.receive_arrival", Mock(side_effect=refused))
    assert _press(draft).headers["Location"] == url("arrival", draft)


def test_an_amendment_leads_to_its_arrival(rush: list[Draft]) -> None:
    amendment = amend(make_filing(), first_name="Anne")
    amendment.refresh_from_db()
    answer = _press(amendment)
    assert (answer.status_code, answer.headers["Location"]) == (302, url("arrival", amendment))
    page = browser_of(amendment).get(url("arrival", amendment))
    assert "Votre modification est arrivée" in text_of(page.content)


def test_a_notice_that_changed_is_accepted_first(draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("filing.rush", "drafts.views.notice"):
        monkeypatch.setattr(f"intake.submissions.{module}.COLLECTION", Notice("collection", "another"))
    assert _press(draft).headers["Location"] == url("file", draft)
    assert not Arrival.objects.filter(draft=draft).exists()


# -- Only its candidate ------------------------------------------------------------------------------------------------
def test_another_persons_draft_does_not_arrive_and_its_page_does_not_exist(
    draft: Draft, rush: list[Draft]
) -> None:
    stranger = client_of(make_user())
    assert _press(draft, stranger).status_code == 404
    assert not Arrival.objects.filter(draft=draft).exists()
    assert stranger.get(url("arrival", rush[0])).status_code == 404


def test_a_draft_of_another_submission_does_not_arrive(draft: Draft) -> None:
    other = make_draft(offer=draft.submission.offer)
    data = pressed(other)
    assert browser_of(draft).post(url("file", draft), data, follow=True).status_code in {404, 409}
    assert not Arrival.objects.filter(draft__in=[draft, other]).exists()


def _sign_out_everywhere(user: User) -> None:
    user.set_unusable_password()
    user.save()


def _close(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("end", [_sign_out_everywhere, _close])
def test_a_session_that_ended_files_and_shows_nothing(draft: Draft, end: Callable[[User], None]) -> None:
    client, data = browser_of(draft), pressed(draft)
    end(draft.submission.candidate)
    assert "/connexion/" in client.post(url("file", draft), data).headers["Location"]
    assert not Arrival.objects.filter(draft=draft).exists()
    make_arrival(draft)
    assert "/connexion/" in client.get(url("arrival", draft)).headers["Location"]


def test_a_visitor_files_and_sees_nothing(draft: Draft, rush: list[Draft]) -> None:
    assert "/connexion/" in _press(draft, Client()).headers["Location"]
    assert "/connexion/" in Client().get(url("arrival", rush[0])).headers["Location"]
    assert not Arrival.objects.filter(draft=draft).exists()


def test_a_form_from_elsewhere_is_refused_once(draft: Draft, security_events: SecurityLog) -> None:
    client = browser_of(draft)
    client.handler.enforce_csrf_checks = True
    assert _press(draft, client).status_code == 403
    assert not Arrival.objects.filter(draft=draft).exists()
    assert len(security_events.lines) == 1


# -- What a person typed ----------------------------------------------------------------------------------------
def test_texts_of_the_offer_and_the_address_are_escaped(draft: Draft) -> None:
    offer, user = draft.submission.offer, draft.submission.candidate
    type(offer).objects.filter(pk=offer.pk).update(organisation="L’OIF <b>& Cie</b>")
    with as_owner():
        User.objects.filter(pk=user.pk).update(email="o'neil&<i>@exemple.ca")
    page = _press(draft).content.decode()
    assert "L’OIF &lt;b&gt;&amp; Cie&lt;/b&gt;" in page
    assert "o&#x27;neil&amp;&lt;i&gt;@exemple.ca" in page
