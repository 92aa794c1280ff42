"""A request to file arrives at its instant, and is filed at once or later, after the closing too."""

import runpy
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.outbox.services import post_due
from intake.submissions.delivery_kinds import ARRIVAL_REFUSED_MAIL, ARRIVALS
from intake.submissions.drafts.operations import import_answers
from intake.submissions.filing import arrivals, operations
from intake.submissions.filing.arrivals import file_arrival, file_if_room, file_waiting, receive_arrival
from intake.submissions.filing.operations import ArrivalExpiredError, DeclarationMissingError
from intake.submissions.lifecycle.errors import (
    DraftArrivedError,
    OfferNotOpenError,
    StaleDraftError,
    SubmissionError,
)
from intake.submissions.models import Arrival, Draft, Filing, Submission
from tests.database_roles import without_triggers
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    close_offer,
    make_arrival,
    make_draft,
    make_open_offer,
)
from tests.submissions.pages import browser_of, file_now, pressed, url
from tests.two_connections import act_meanwhile, then_close

pytestmark = pytest.mark.django_db(transaction=True)


def _job() -> Delivery:
    return Delivery(kind=ARRIVALS, key="now")


def _file_waiting() -> None:
    file_waiting(_job(), timezone.now())


def _backdate(arrival: Arrival, **by: float) -> None:
    """Move an arrival into the past, as its owner may."""
    with without_triggers("submissions_arrival"):
        Arrival.objects.filter(pk=arrival.pk).update(arrived_at=timezone.now() - timedelta(**by))


@pytest.fixture
def full() -> Any:
    """Have this process file another candidate's draft for as long as the test lasts."""
    with arrivals._slot:
        yield


def test_what_arrived_before_the_closing_is_filed_after_it() -> None:
    draft = make_draft()
    arrival = make_arrival(draft)
    close_offer(draft.submission.offer, seconds_ago=0)
    _file_waiting()
    filing = Filing.objects.get()
    assert filing.received_at == arrival.arrived_at < draft.submission.offer.closes_at


def test_the_text_of_a_review_request_goes_to_the_filing_and_leaves_the_arrival() -> None:
    draft = make_draft(birth_date="1970-01-01")
    make_arrival(draft, review_message="Je déménage en mai.")
    _file_waiting()
    assert Filing.objects.get().review_request.message == "Je déménage en mai."
    assert Arrival.objects.get().review_message == ""


def test_a_second_request_after_the_closing_finds_the_first_arrival_too() -> None:
    draft = make_draft()
    first = make_arrival(draft)
    close_offer(draft.submission.offer, seconds_ago=0)
    answer = browser_of(draft).post(url("file", draft), pressed(draft))
    assert (answer.status_code, answer.headers["Location"]) == (302, url("receipt", draft))
    assert Filing.objects.get().received_at == first.arrived_at


@pytest.mark.parametrize(
    "version, declared, error",
    [(-1, ALL_DECLARATIONS, StaleDraftError), (0, frozenset[str](), DeclarationMissingError)],
)
def test_another_version_and_a_missing_declaration_do_not_arrive(
    version: int, declared: frozenset[str], error: type[SubmissionError]
) -> None:
    draft = make_draft()
    with pytest.raises(error):
        receive_arrival(draft=draft, version=draft.version + version, declarations=declared)
    assert not Arrival.objects.exists()


def test_a_late_request_does_not_arrive_and_has_its_instant() -> None:
    draft = make_draft()
    close_offer(draft.submission.offer, seconds_ago=1)
    before = timezone.now()
    with pytest.raises(OfferNotOpenError) as refused:
        make_arrival(draft)
    assert refused.value.at is not None
    assert before - timedelta(seconds=1) < refused.value.at < timezone.now() + timedelta(seconds=1)
    assert refused.value.submission == draft.submission
    assert not Arrival.objects.exists()


# -- Frozen ---------------------------------------------------------------------------------------------------


def test_a_draft_changes_again_after_a_refusal() -> None:
    draft = make_draft(documents=False)
    make_arrival(draft)
    with pytest.raises(DraftArrivedError):
        import_answers(draft=draft, answers={}, actor=draft.submission.candidate)
    _file_waiting()
    assert Arrival.objects.get().reason == "INCOMPLETE"
    import_answers(draft=draft, answers={}, actor=draft.submission.candidate)


# -- At once, or later ----------------------------------------------------------------------------------------


def test_a_process_that_files_another_draft_leaves_what_arrives(full: Any) -> None:
    draft = make_draft()
    answer = browser_of(draft).post(url("file", draft), pressed(draft))
    assert (answer.status_code, answer.headers["Location"]) == (302, url("arrival", draft))
    assert Arrival.objects.get().state == "WAITING"
    assert Delivery.objects.filter(kind=ARRIVALS).count() == 1
    _file_waiting()
    answer = browser_of(draft).get(url("arrival", draft))
    assert (answer.status_code, answer.headers["Location"]) == (302, url("receipt", draft))


def test_a_request_waits_for_the_one_that_its_process_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "_PATIENCE", 60.0)  # also on a busy machine
    arrival = make_arrival()
    arrivals._slot.acquire()
    threading.Timer(0.1, arrivals._slot.release).start()
    receipt = file_if_room(arrival=arrival, actor=arrival.submission.candidate)
    assert receipt is not None
    assert receipt.filing.received_at == arrival.arrived_at
    assert not arrivals._slot.locked()


def test_no_more_requests_wait_than_leave_a_thread_to_receive(
    full: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "_PATIENCE", 600.0)
    threads = runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))["threads"]
    waiting = [arrivals._places.acquire(blocking=False) for _thread in range(threads)]
    assert waiting.count(True) == threads - 1
    arrival = make_arrival()
    assert file_if_room(arrival=arrival, actor=arrival.submission.candidate) is None
    assert Delivery.objects.filter(kind=ARRIVALS).count() == 1
    arrivals._places.release(waiting.count(True))


def test_a_repeated_request_is_filed_by_a_busy_process_too(full: Any) -> None:
    draft = make_draft()
    first = make_arrival(draft)
    assert file_if_room(arrival=first, actor=draft.submission.candidate) is None
    again = make_arrival(draft)
    receipt = file_if_room(arrival=again, actor=draft.submission.candidate)
    assert receipt is not None
    assert receipt.filing.received_at == first.arrived_at


def test_a_process_files_again_after_a_refusal() -> None:
    draft = make_draft(documents=False)
    for _time in range(2):
        arrival = make_arrival(draft)
        with pytest.raises(SubmissionError):
            file_if_room(arrival=arrival, actor=draft.submission.candidate)
    assert [each.reason for each in Arrival.objects.all()] == ["INCOMPLETE", "INCOMPLETE"]


def test_arrivals_are_filed_in_order_by_several_workers_each_once() -> None:
    offer = make_open_offer()
    drafts = [make_draft(offer=offer) for _number in range(6)]
    for draft in drafts:
        make_arrival(draft)
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(then_close, _file_waiting) for _worker in range(3)]:
            done.result()
    assert Filing.objects.count() == 6
    assert set(Arrival.objects.values_list("state", flat=True)) == {"FILED"}
    order = Filing.objects.order_by("received_at").values_list("draft_id", flat=True)
    assert list(order) == [draft.pk for draft in drafts]


def test_a_request_waits_for_a_save_under_way_without_a_deadlock() -> None:
    draft = make_draft()
    with pytest.raises(StaleDraftError):
        act_meanwhile(  # as a save: the submission, then its draft
            lambda: make_arrival(draft),
            lambda: Submission.objects.select_for_update().get(pk=draft.submission_id),
            then=lambda: Draft.objects.filter(pk=draft.pk).update(version=draft.version + 1),
        )


def test_a_worker_waits_for_no_web_server_that_files() -> None:
    """The submission of the first arrival is locked: the second one is filed."""
    first, second = make_arrival(), make_arrival()
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "SELECT FROM submissions_submission WHERE id = %s FOR UPDATE", [first.submission_id]
            )
            locked.set()
            done.wait(30)
            cursor.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(30)
    try:
        _file_waiting()
    finally:
        done.set()
        holder.join()
    states = dict(Arrival.objects.values_list("pk", "state"))
    assert states == {first.pk: "WAITING", second.pk: "FILED"}


def test_a_refusal_is_mailed_and_the_next_one_is_filed() -> None:
    refused, filed = make_arrival(make_draft(documents=False)), make_arrival()
    _file_waiting()
    assert dict(Arrival.objects.values_list("pk", "reason")) == {refused.pk: "INCOMPLETE", filed.pk: ""}
    posted = Delivery.objects.filter(kind=ARRIVAL_REFUSED_MAIL)
    assert [each.key for each in posted] == [str(refused.pk)]


def test_an_unexpected_error_keeps_one_arrival_waiting_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, filed = make_arrival(), make_arrival()
    real = operations.file_draft

    def fail_once(*, draft: Draft, **given: Any) -> Any:
        if draft.pk == broken.draft_id:
            raise RuntimeError
        return real(draft=draft, **given)

    monkeypatch.setattr(arrivals, "file_draft", fail_once)
    _file_waiting()
    assert dict(Arrival.objects.values_list("pk", "state")) == {broken.pk: "WAITING", filed.pk: "FILED"}
    monkeypatch.undo()
    _file_waiting()
    assert Filing.objects.count() == 2


def test_what_waited_for_a_quarter_of_an_hour_is_refused_as_our_fault() -> None:
    arrival = make_arrival()
    _backdate(arrival, minutes=15, seconds=1)
    arrival.refresh_from_db()
    with pytest.raises(ArrivalExpiredError):
        file_arrival(arrival=arrival, actor=arrival.submission.candidate)
    assert Arrival.objects.get().reason == "ARRIVAL_EXPIRED"
    assert not Filing.objects.exists()


def test_the_sweep_has_filed_what_a_web_server_left_without_a_word() -> None:
    now = timezone.now()
    post_due(at=now)
    assert not Delivery.objects.filter(kind=ARRIVALS).exists()
    arrival = make_arrival()
    assert not arrivals.has_waiting(arrival.arrived_at + timedelta(seconds=1))
    _backdate(arrival, seconds=3)
    post_due(at=timezone.now())
    assert Delivery.objects.filter(kind=ARRIVALS).count() == 1


def test_a_round_of_a_worker_ends_and_leaves_the_others_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(2):
        make_arrival()
    monkeypatch.setattr(arrivals, "_ROUND", timedelta(0))
    file_waiting(_job(), datetime.now(tz=timezone.get_current_timezone()))
    assert sorted(Arrival.objects.values_list("state", flat=True)) == ["FILED", "WAITING"]
    assert Delivery.objects.filter(kind=ARRIVALS).count() == 1


def test_what_a_round_leaves_has_a_job_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    begins = datetime.now(tz=timezone.get_current_timezone())
    for tenth in range(100):  # jobs of the same instants, which others have done
        arrivals.leave_to_workers(at=begins + tenth * arrivals._SOON)
    Delivery.objects.update(state=Delivery.State.DONE, done_at=begins)
    for _number in range(2):
        make_arrival()
    monkeypatch.setattr(arrivals, "_ROUND", timedelta(0))
    file_waiting(_job(), begins)
    assert Delivery.objects.filter(kind=ARRIVALS, state=Delivery.State.PENDING).count() == 1


def test_simultaneous_clicks_create_one_filing() -> None:
    draft = make_draft()

    def click(_index: int) -> str:
        try:
            return file_now(draft).number
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(click, range(16)))
    assert len(numbers) == 1
    assert Filing.objects.count() == 1
    assert Delivery.objects.filter(kind="RECEIPT_MAIL").count() == 1
