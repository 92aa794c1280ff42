"""Columns of a delivery after each step, field by field, and the results and order of each query."""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.outbox import kinds, leases, messages, selectors, services, tasks
from intake.outbox.messages import Attachment, Letter, MailServerUnavailableError
from intake.outbox.models import Delivery, Message, MessageAttachment
from intake.outbox.policy import LEASE, MAX_ATTEMPTS, OUTAGE_ALERT_ATTEMPT, OUTAGE_RETRY_WINDOW, OVERDUE
from intake.outbox.selectors import Backlog, MessageState
from tests.factories.people import make_staff, make_user
from tests.outbox.conftest import AT, LETTER, post
from tests.outbox.reporting import message_state
from tests.outbox.test_figures import Middle

pytestmark = [pytest.mark.usefixtures("registry"), pytest.mark.django_db]
HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)
FIELDS = (
    *("state", "attempts", "outages", "leased_until", "lease_token", "last_error"),
    *("due_at", "created_at", "asked_again_at", "done_at"),
)
WAITS: dict[str, Any] = {
    "state": "PENDING",
    "attempts": 0,
    "outages": 0,
    "leased_until": None,
    "lease_token": None,
    "last_error": "",
    "due_at": AT,
    "created_at": AT,
    "asked_again_at": None,
    "done_at": None,
}


def row(delivery: Delivery) -> dict[str, Any]:
    return dict(Delivery.objects.filter(pk=delivery.pk).values(*FIELDS).get())


def lease_now(delivery: Delivery, at: datetime = AT) -> Delivery:
    leased = leases.lease_delivery(delivery_id=delivery.pk, at=at)
    assert leased is not None
    return leased


def mail_of(delivery: Delivery, **fields: Any) -> Message:
    return Message.objects.create(
        **{
            "delivery": delivery,
            "message_id": messages.message_id_of(delivery),
            "to_address": LETTER.to,
            "subject": LETTER.subject,
            "text": LETTER.text,
            "created_at": AT,
        }
        | fields
    )


# -- A lease


def test_a_lease_writes_its_columns_at_start_renewal_and_end() -> None:
    delivery = post()
    assert row(delivery) == WAITS
    leased = lease_now(delivery, AT + HOUR)
    assert leased.lease_token is not None
    held = WAITS | {
        "state": "LEASED",
        "attempts": 1,
        "leased_until": AT + HOUR + LEASE,
        "lease_token": leased.lease_token,
    }
    assert row(delivery) == held
    assert leases.renew_lease(delivery=leased, at=AT + 2 * HOUR)
    assert row(delivery) == held | {"leased_until": AT + 2 * HOUR + LEASE}
    Delivery.objects.update(last_error="before")
    assert leases.complete_delivery(delivery=leased, at=AT + 3 * HOUR)
    assert row(delivery) == WAITS | {"state": "DONE", "attempts": 1, "done_at": AT + 3 * HOUR}
    assert not leases.complete_delivery(delivery=leased, at=AT + 4 * HOUR)
    assert not leases.renew_lease(delivery=leased, at=AT + 4 * HOUR)
    assert row(delivery)["done_at"] == AT + 3 * HOUR


def test_each_lease_has_its_own_token() -> None:
    delivery = post()
    first = lease_now(delivery).lease_token
    second = lease_now(delivery, AT + LEASE)
    assert isinstance(second.lease_token, uuid.UUID)
    assert second.lease_token != first


def _logged(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what the leases logged: an outage of an earlier test may end, and be logged, in a thread meanwhile."""
    return [record for record in caplog.records if record.name == leases.__name__]


def test_a_failure_is_stored_with_the_instant_of_the_next_attempt(caplog: pytest.LogCaptureFixture) -> None:
    delivery = post()
    state = leases.fail_delivery(delivery=lease_now(delivery), error="no", at=AT + HOUR, jitter=Middle())
    assert state is Delivery.State.PENDING
    again = WAITS | {"attempts": 1, "last_error": "no", "due_at": AT + HOUR + timedelta(seconds=2)}
    assert row(delivery) == again
    Delivery.objects.update(attempts=MAX_ATTEMPTS - 1, due_at=AT)
    assert (
        leases.fail_delivery(delivery=lease_now(delivery), error="no more", at=AT + HOUR, jitter=Middle())
        == "DEAD"
    )
    assert row(delivery) == WAITS | {"state": "DEAD", "attempts": MAX_ATTEMPTS, "last_error": "no more"}
    assert [(one.levelno, one.getMessage()) for one in _logged(caplog)] == [
        (logging.WARNING, f"delivery {delivery.public_id} (TEST_JOB) failed, attempt 1: no"),
        (logging.ERROR, f"delivery {delivery.public_id} (TEST_JOB) failed, attempt 5: no more"),
    ]


def test_an_outage_of_the_mail_server_is_written_in_its_own_column(caplog: pytest.LogCaptureFixture) -> None:
    delivery = post()

    def away(at: datetime, outages: int) -> Any:
        Delivery.objects.update(outages=outages, due_at=AT, state="PENDING")
        return leases.fail_delivery(
            delivery=lease_now(delivery, AT), error="away", at=at, jitter=Middle(), outage=True
        )

    assert away(AT + HOUR, 0) == "PENDING"
    assert row(delivery) == WAITS | {
        "outages": 1,
        "last_error": "away",
        "due_at": AT + HOUR + timedelta(seconds=1),
    }
    assert away(AT + HOUR, OUTAGE_ALERT_ATTEMPT - 2) == "PENDING"
    assert away(AT + HOUR, OUTAGE_ALERT_ATTEMPT - 1) == "PENDING"
    assert away(AT + OUTAGE_RETRY_WINDOW, OUTAGE_ALERT_ATTEMPT - 1) == "PENDING"  # at least five attempts
    assert away(AT + OUTAGE_RETRY_WINDOW - MOMENT, MAX_ATTEMPTS - 1) == "PENDING"
    assert row(delivery)["due_at"] == AT + OUTAGE_RETRY_WINDOW - MOMENT + timedelta(seconds=1200)
    assert away(AT + OUTAGE_RETRY_WINDOW, MAX_ATTEMPTS - 1) == "DEAD"
    assert row(delivery)["due_at"] == AT
    Delivery.objects.update(asked_again_at=AT + HOUR)
    assert away(AT + OUTAGE_RETRY_WINDOW, MAX_ATTEMPTS - 1) == "PENDING"
    assert away(AT + OUTAGE_RETRY_WINDOW + HOUR, MAX_ATTEMPTS - 1) == "DEAD"
    records = _logged(caplog)
    levels = [one.levelno == logging.ERROR for one in records]
    assert levels == [False, False, True, True, False, True, False, True]
    name = f"delivery {delivery.public_id} (TEST_JOB)"
    assert records[0].getMessage() == f"{name} found a server away, attempt 1: away"
    assert records[2].getMessage() == f"{name} found a server away, attempt 4: away"


def test_a_delivery_that_lost_its_worker_at_every_attempt_becomes_dead(
    caplog: pytest.LogCaptureFixture,
) -> None:
    delivery = post()
    for known, said in (("", leases.WORKER_LOST), ("smtp 451", "smtp 451")):
        Delivery.objects.update(attempts=MAX_ATTEMPTS, state="PENDING", last_error=known)
        assert leases.lease_delivery(delivery_id=delivery.pk, at=AT) is None
        assert row(delivery) == WAITS | {"state": "DEAD", "attempts": MAX_ATTEMPTS, "last_error": said}
    assert leases.WORKER_LOST == "worker lost at every attempt"
    assert [(one.levelname, one.getMessage()) for one in _logged(caplog)] == [
        ("ERROR", f"delivery {delivery.public_id} (TEST_JOB) is dead: {said}")
        for said in (leases.WORKER_LOST, "smtp 451")
    ]


def test_the_result_of_a_handler_is_stored(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ways: list[BaseException | None] = []

    def run(_delivery: Delivery, _at: datetime) -> None:
        if ways[-1] is not None:
            raise ways[-1] from (
                OSError(5, "camille") if isinstance(ways[-1], MailServerUnavailableError) else None
            )

    kinds.register_job("TEST_ENDS", run)
    delivery = post(kind="TEST_ENDS")
    said = []
    for way in (ValueError("camille"), MailServerUnavailableError("camille"), None):
        ways.append(way)
        Delivery.objects.update(due_at=AT - 9999 * HOUR)
        tasks.deliver(delivery.pk)
        held = row(delivery)
        said.append((held["state"], held["attempts"], held["outages"], held["last_error"].split(" · ")[:2]))
    assert said[0][:3] == ("PENDING", 1, 0)
    assert said[0][3][0] == "builtins.ValueError"
    assert said[1] == ("PENDING", 1, 1, ["builtins.OSError", "errno 5"])
    assert said[2] == ("DONE", 2, 1, [""])
    assert "camille" not in caplog.text
    tasks.deliver(delivery.pk)
    assert len(ways) == 3
    monkeypatch.setattr(kinds, "_kinds", {})
    Delivery.objects.update(state="PENDING", done_at=None, due_at=AT - 9999 * HOUR)
    tasks.deliver(delivery.pk)
    assert caplog.records[-1].getMessage() == "no application registered deliveries of kind TEST_ENDS"


# -- Posting, and posting again ---


def test_deliveries_posted_together_or_in_batches_exist_once_each(
    woken: list[tuple[int, str]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = post(kind="TEST_MAIL", key="1", at=AT - HOUR)
    person = make_user()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        services.post_together(kinds_posted=["TEST_MAIL", "TEST_JOB"], key="1", subject=person, at=AT)
        services.post_together(kinds_posted=["TEST_MAIL", "TEST_JOB"], key="2", subject="texte", at=AT)
    said = Delivery.objects.order_by("key", "kind").values_list(
        "key", "kind", "subject_kind", "subject_id", "due_at", "created_at", "state"
    )
    assert list(said) == [
        ("1", "TEST_JOB", "accounts.user", str(person.pk), AT, AT, "PENDING"),
        ("1", "TEST_MAIL", "", "objet", AT - HOUR, AT - HOUR, "PENDING"),
        ("2", "TEST_JOB", "", "texte", AT, AT, "PENDING"),
        ("2", "TEST_MAIL", "", "texte", AT, AT, "PENDING"),
    ]
    queues = {"TEST_JOB": "documents", "TEST_MAIL": "mail"}
    new = Delivery.objects.exclude(pk=there.pk).order_by("pk").values_list("pk", "kind")
    assert sorted(woken) == sorted((pk, queues[kind]) for pk, kind in new)
    assert Delivery.objects.values("public_id").distinct().count() == 4
    woken.clear()
    monkeypatch.setattr(services, "SLICE", 2)
    subjects = [(key, "lot") for key in ("5", "1", "4", "3", "2")]
    with django_capture_on_commit_callbacks(execute=True):
        assert services.post_in_slices(kind="TEST_JOB", subjects=iter(subjects), at=AT) == 3
        assert services.post_in_slices(kind="TEST_JOB", subjects=subjects, at=AT) == 0
    made = Delivery.objects.filter(subject_id="lot").order_by("pk")
    assert list(made.values_list("key", "kind", "due_at", "created_at")) == [
        (key, "TEST_JOB", AT, AT) for key in ("5", "4", "3")
    ]
    assert woken == []


@pytest.mark.django_db(transaction=True)
def test_posting_outside_a_transaction_names_the_delivery() -> None:
    with pytest.raises(
        services.OutsideTransactionError, match=r"^TEST_JOB 1 must be posted within the trans"
    ):
        services.post(kind="TEST_JOB", key="1", subject="objet")
    with pytest.raises(
        services.OutsideTransactionError, match=r"^TEST_JOB, TEST_MAIL 1 must be posted within"
    ):
        services.post_together(kinds_posted=["TEST_JOB", "TEST_MAIL"], key="1", subject="objet", at=AT)
    with pytest.raises(
        services.OutsideTransactionError, match=r"^TEST_JOB must be posted within the transaction"
    ):
        services.post_many(kind="TEST_JOB", subjects={}, at=AT)
    assert not Delivery.objects.exists()


def act_again(delivery: Delivery, act: Any, action: str, staff: User) -> dict[str, Any]:
    """Perform an action of staff. Return the changed columns, without the instants that are the clock's."""
    before, start = row(delivery), selectors.database_instant()
    act(delivery=delivery, actor=staff)
    after, end = row(delivery), selectors.database_instant()
    entry = Entry.objects.order_by("-pk")[0]
    assert (entry.action, entry.actor, entry.detail) == (action, staff, delivery.kind)
    assert entry.subject_id == str(delivery.public_id)
    changed = {name: after[name] for name in FIELDS if after[name] != before[name]}
    for name in ("due_at", "asked_again_at", "done_at"):
        if changed.get(name) is not None:
            assert start <= changed[name] <= end
            changed[name] = "now"
    return changed


def test_dead_sent_and_dropped_mails_can_be_retried_from_the_start(woken: list[tuple[int, str]]) -> None:
    staff, delivery = make_staff(), post(kind="TEST_MAIL")
    del woken
    Delivery.objects.update(state="DEAD", attempts=5, outages=7, last_error="smtp 550")
    begun = {"state": "PENDING", "attempts": 0, "outages": 0, "due_at": "now", "asked_again_at": "now"}
    assert act_again(delivery, services.retry_delivery, "DELIVERY_RETRIED", staff) == begun
    Delivery.objects.update(state="DEAD", attempts=5)
    with pytest.raises(services.NotDeadError):  # no mail was composed: nothing to set aside
        services.set_aside(delivery=delivery, actor=staff)
    mail = mail_of(delivery, is_to_go_again=True)
    assert act_again(delivery, services.set_aside, "MAIL_SET_ASIDE", staff) == {
        "state": "DONE",
        "done_at": "now",
    }
    mail.refresh_from_db()
    assert (mail.let_go_at, mail.is_to_go_again) == (row(delivery)["done_at"], False)
    assert mail.was_set_aside
    changed = act_again(delivery, services.resend_mail, "MAIL_RESENT", staff)
    assert changed == {
        "state": "PENDING",
        "attempts": 0,
        "due_at": "now",
        "asked_again_at": "now",
        "done_at": None,
    }
    mail.refresh_from_db()
    assert (mail.let_go_at, mail.is_to_go_again) == (None, True)
    for act, error in (
        (services.resend_mail, services.NotSentError),
        (services.retry_delivery, services.NotDeadError),
        (services.set_aside, services.NotDeadError),
    ):
        with pytest.raises(error):
            act(delivery=delivery, actor=staff)


def test_a_sent_mail_that_failed_again_is_set_aside_as_sent() -> None:
    staff, delivery = make_staff(), post(kind="TEST_MAIL")
    Delivery.objects.update(state="DEAD", attempts=5, last_error="smtp 550")
    mail = mail_of(delivery, sent_at=AT, is_to_go_again=True)
    services.set_aside(delivery=delivery, actor=staff)
    mail.refresh_from_db()
    assert (mail.sent_at, mail.let_go_at, mail.is_to_go_again) == (AT, None, False)


# -- A mail ---


def test_a_composed_mail_is_stored_with_its_attachments_in_order() -> None:
    letter = Letter(
        to="zoé@exemple.invalid",
        subject="Objet",
        text="Texte\n",
        html="<p>Texte</p>",
        attachments=(
            Attachment("b/2.pdf", "deux.pdf", "application/pdf"),
            Attachment("a/1.json", "un.json", "application/json", storage_alias="other"),
        ),
    )
    delivery = post(kind="TEST_MAIL")
    with transaction.atomic():
        stored, kept = messages._store_letter(letter, delivery=delivery, at=AT + HOUR)
    assert [file.filename for file in kept] == ["deux.pdf", "un.json"]
    stored.refresh_from_db()
    assert (stored.delivery, stored.message_id) == (delivery, messages.message_id_of(delivery))
    assert (stored.to_address, stored.subject, stored.text, stored.html, stored.created_at) == (
        *("zoé@exemple.invalid", "Objet", "Texte\n", "<p>Texte</p>"),
        AT + HOUR,
    )
    assert (stored.sent_at, stored.let_go_at, stored.is_to_go_again, str(stored)) == (
        None,
        None,
        False,
        "Objet",
    )
    files = MessageAttachment.objects.order_by("position")
    assert list(files.values_list("position", "storage_alias", "storage_name", "filename", "media_type")) == [
        (0, "default", "b/2.pdf", "deux.pdf", "application/pdf"),
        (1, "other", "a/1.json", "un.json", "application/json"),
    ]
    assert [str(one) for one in files] == ["deux.pdf", "un.json"]


def test_a_resent_mail_forgets_the_report_of_the_earlier_one() -> None:
    delivery = post(kind="TEST_MAIL")
    gone = {"returned_at": AT, "report_code": "5.1.1", "report_words": "inconnue"}
    mail = mail_of(delivery, sent_at=AT, is_to_go_again=True, **gone)
    late = lease_now(delivery)
    current = lease_now(delivery, AT + LEASE)
    assert not leases.complete_delivery(delivery=late, at=AT + HOUR)
    mail.refresh_from_db()
    assert (mail.sent_at, mail.is_to_go_again, mail.report_code) == (AT, True, "5.1.1")
    assert leases.complete_delivery(delivery=current, at=AT + 2 * HOUR)
    mail.refresh_from_db()
    assert (mail.sent_at, mail.is_to_go_again, mail.arrived_at, mail.returned_at) == (
        *(AT + 2 * HOUR, False, None),
        None,
    )
    assert (mail.report_code, mail.report_words) == ("", "")


# -- Queries -----------------


def test_the_state_of_a_mail_follows_from_its_rows() -> None:
    delivery = post(kind="TEST_MAIL")
    waits = MessageState(state=Delivery.State.PENDING, to_address="", sent_at=None)
    assert message_state("TEST_MAIL", "1") == waits
    mail = mail_of(delivery, sent_at=AT, returned_at=AT + HOUR, report_code="5.1.1")
    Delivery.objects.update(state="DONE", done_at=AT)
    with CaptureQueriesContext(connection) as captured:
        found = message_state("TEST_MAIL", "1")
    assert len(captured) == 1
    assert found == MessageState(
        state=Delivery.State.DONE,
        to_address=LETTER.to,
        sent_at=AT,
        returned_at=AT + HOUR,
        report_code="5.1.1",
        was_set_aside=False,
    )
    assert (found.is_sent, found.has_failed, found.has_returned) == (True, False, True)
    Message.objects.update(is_to_go_again=True)
    found = message_state("TEST_MAIL", "1")
    assert found == MessageState(state=Delivery.State.DONE, to_address=LETTER.to, sent_at=None)
    assert (found.is_sent, found.has_returned) == (False, False)
    Message.objects.update(is_to_go_again=False, sent_at=None, let_go_at=AT, returned_at=None)
    Delivery.objects.update(last_error="smtp 550")
    found = message_state("TEST_MAIL", "1")
    assert found is not None
    assert (found.was_set_aside, found.has_failed) == (True, True)
    Delivery.objects.update(state="DEAD", done_at=None)
    assert selectors.state_of(Delivery.objects.get()).has_failed
    assert mail.pk


def test_deliveries_are_taken_by_priority_then_by_due_instant() -> None:
    kinds.register_job("TEST_FIRST", lambda *_: None)
    kinds.register_periodic("TEST_FIRST_TOO", lambda *_: None, every=HOUR, comes_first=True)
    due = [("TEST_JOB", 3), ("TEST_FIRST_TOO", 1), ("TEST_JOB", 2), ("TEST_FIRST_TOO", 0), ("TEST_MAIL", 5)]
    made = {f"{kind}{hours}": post(kind=kind, key=f"{hours}", at=AT - hours * HOUR).pk for kind, hours in due}
    post(kind="TEST_JOB", key="later", at=AT + MOMENT)
    order = [made[name] for name in ("TEST_FIRST_TOO1", "TEST_FIRST_TOO0", "TEST_JOB3", "TEST_JOB2")]
    for limit in range(1, 6):
        found = selectors.workable_ids(queue="documents", at=AT, limit=limit)
        assert list(found) == order[:limit]
    assert selectors.higher_priority_than(kind="TEST_JOB", at=AT) == (order[0], "documents")
    assert selectors.higher_priority_than(kind="TEST_FIRST_TOO", at=AT) is None
    assert selectors.higher_priority_than(kind="TEST_MAIL", at=AT) is None
    assert selectors.higher_priority_than(kind="TEST_JOB", at=AT - 2 * HOUR) is None
    assert selectors.kind_of(0) is None


def test_unfinished_deliveries_are_counted_by_state_and_age() -> None:
    assert selectors.backlog(older_than=AT) == Backlog(0, 0, 0, 0, None)
    rows = {key: post(key=key, at=AT + hours * HOUR) for hours, key in enumerate("abcdefg")}
    lease_now(rows["b"], AT + 9 * HOUR)
    Delivery.objects.filter(key__in="cd").update(state="DEAD")
    Delivery.objects.filter(key="a").update(state="DONE", done_at=AT)
    Delivery.objects.filter(key="b").update(asked_again_at=AT + 8 * HOUR)
    assert selectors.backlog(older_than=AT + 4 * HOUR) == Backlog(
        pending=3, leased=1, dead=2, older=2, oldest_at=AT + 2 * HOUR
    )
    assert selectors.backlog(older_than=AT + 4 * HOUR + MOMENT).older == 3


def test_the_mails_about_some_objects_are_listed_latest_first() -> None:
    one, two, three = (make_user() for _time in range(3))
    made = []
    for rank, (kind, subject) in enumerate(
        [("TEST_MAIL", one), ("TEST_JOB", one), ("TEST_MAIL", two), ("TEST_MAIL", three), ("TEST_MAIL", one)]
    ):
        with transaction.atomic():
            at = AT + (rank % 4) * HOUR
            made.append(services.post(kind=kind, key=str(rank), subject=subject, at=at))
    mail_of(made[2])
    found = selectors.mails_about([one, two], of_kinds=["TEST_MAIL"])
    with CaptureQueriesContext(connection) as captured:
        assert [one.pk for one in found] == [made[2].pk, made[4].pk, made[0].pk]
        assert found[0].message.to_address == LETTER.to
    assert len(captured) == 1
    assert list(selectors.mails_about([], of_kinds=["TEST_MAIL"])) == []
    assert [one.pk for one in selectors.deliveries_for(one)] == [made[0].pk, made[4].pk, made[1].pk]


def test_a_returned_mail_is_counted_until_it_is_replaced() -> None:
    def came_back(key: str, *, subject: str, back: datetime = AT, **fields: Any) -> Delivery:
        with transaction.atomic():
            made = services.post(kind="TEST_MAIL", key=key, subject=subject, at=AT)
        Delivery.objects.filter(pk=made.pk).update(
            state="DONE", done_at=AT, last_error=fields.pop("error", "")
        )
        mail_of(made, sent_at=AT, returned_at=back, **fields)
        return made

    kept = came_back("1", subject="a")
    earlier = came_back("2", subject="b", back=AT - MOMENT)
    came_back("3", subject="c", error="smtp 550")  # set aside by staff
    came_back("4", subject="d", is_to_go_again=True)
    came_back("5", subject="e")
    post_later = came_back("6", subject="e")
    with transaction.atomic():
        services.post(kind="TEST_JOB", key="7", subject="a", at=AT)  # of another kind: it replaces nothing
    everything = Delivery.objects.order_by("pk")
    assert list(selectors.bounced(everything)) == [kept, earlier, post_later]
    assert list(selectors.bounced(everything, since=AT)) == [kept, post_later]
    assert selectors.count_bounces(make_staff(), since=AT) == 2


def test_failed_and_delayed_deliveries_are_counted() -> None:
    staff = make_staff()
    counts = (selectors.count_failed, selectors.count_delayed_by_outage)
    assert [count(staff) for count in counts] == [0, 0]
    for rank, (state, outages) in enumerate([("DEAD", 0), ("PENDING", 3), ("PENDING", 4), ("DEAD", 9)]):
        made = post(key=str(rank), at=AT + rank * HOUR)
        Delivery.objects.filter(pk=made.pk).update(state=state, outages=outages)
    assert [count(staff) for count in counts] == [2, 1]
    overdue = [selectors.count_overdue(staff, at=AT + hours * HOUR + OVERDUE) for hours in (1, 2, 3)]
    assert overdue == [0, 1, 2]
