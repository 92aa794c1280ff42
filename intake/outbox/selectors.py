"""What is in the outbox."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import connection
from django.db.models import Count, Exists, Min, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.functional import Promise

from intake.accounts.selectors import address_prefix_condition
from intake.journal.visibility import subjects_hidden_from
from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from intake.outbox.policy import OUTAGE_ALERT_ATTEMPT

from .labels import bounce_reason


def subject_key(subject: Model | str) -> tuple[str, str]:
    """Return the `subject_kind` and `subject_id` of what a delivery is about; a text has no kind."""
    if isinstance(subject, Model):
        return subject._meta.label_lower, str(subject.pk)
    return "", subject


def deliveries_for(subject: Model | str) -> QuerySet[Delivery]:
    """Return the deliveries about `subject` (a saved model, or the text given to `post`), oldest first."""
    subject_kind, subject_id = subject_key(subject)
    return Delivery.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by(
        "created_at", "pk"
    )


def without_hidden(deliveries: QuerySet[Delivery], user: object) -> QuerySet[Delivery]:
    """Leave out the deliveries about what is hidden from `user`."""
    for subject in subjects_hidden_from(user):
        subject_kind, subject_id = subject_key(subject)
        deliveries = deliveries.exclude(subject_kind=subject_kind, subject_id=subject_id)
    return deliveries


def search_condition(typed: str, word: str) -> QuerySet[Delivery, Any]:
    """Return, for a subquery, the keys of the deliveries that a word of a search finds, `typed` and folded as `word`.

    It is in the key, or how the subject or the recipient's address starts. Three indexes, two tables: a condition that
    names both tables at once reads all of them.
    """
    keyed = Delivery.objects.filter(folded_key__contains=word).values("pk")
    about = Delivery.objects.filter(subject_id__startswith=typed).values("pk")
    sent = Message.objects.filter(address_prefix_condition("to_address", typed)).values("delivery")
    return keyed.union(about, sent, all=True)


@dataclass(frozen=True, slots=True)
class MessageState:
    """Where a mail is: `sent_at` is when the mail server took it, `to_address` is empty until it is composed.

    `returned_at` is when it came back, and `report_code` is then why (RFC 3463). `was_set_aside`: it failed, and a
    person let it go.
    """

    state: Delivery.State
    to_address: str
    sent_at: datetime | None
    returned_at: datetime | None = None
    report_code: str = ""
    was_set_aside: bool = False

    @property
    def is_sent(self) -> bool:
        """Whether the mail server took it."""
        return self.sent_at is not None

    @property
    def has_failed(self) -> bool:
        """Whether it has not left, and nobody tries any more."""
        return self.state == Delivery.State.DEAD or self.was_set_aside

    @property
    def has_returned(self) -> bool:
        """Whether it left and came back, and was not sent again since."""
        return self.returned_at is not None

    @property
    def why_returned(self) -> Promise:
        """Return why it came back, as the rest of a sentence."""
        return bounce_reason(self.report_code)


def message_state(kind: str, key: str) -> MessageState | None:
    """Return where the mail of a delivery is, or None when it was never asked for. One query."""
    delivery = Delivery.objects.select_related("message").filter(kind=kind, key=key).first()
    return state_of(delivery) if delivery is not None else None


def state_of(delivery: Delivery) -> MessageState:
    """Return where the mail of `delivery` is; no query if its message was read with it."""
    message: Message | None = getattr(delivery, "message", None)
    state = Delivery.State(delivery.state)
    if message is None:
        return MessageState(state=state, to_address="", sent_at=None)
    if message.is_to_go_again:  # it is where a mail is that has not left yet
        return MessageState(state=state, to_address=message.to_address, sent_at=None)
    return MessageState(
        state=state,
        to_address=message.to_address,
        sent_at=message.sent_at,
        returned_at=message.returned_at,
        report_code=message.report_code,
        was_set_aside=message.was_set_aside,
    )


def resendable() -> Q:
    """Return what a person may have done again: what failed, and a mail that left or was let go."""
    return Q(state=Delivery.State.DEAD) | Q(state=Delivery.State.DONE, message__isnull=False)


def dismissible() -> Q:
    """Return what a person may let go: a mail that failed."""
    return Q(state=Delivery.State.DEAD, message__isnull=False)


def mails_about(subjects: Iterable[Model], *, of_kinds: Collection[str]) -> QuerySet[Delivery]:
    """Return the deliveries of these kinds about any of `subjects` (saved models) with their mails, latest first."""
    ids: dict[str, list[str]] = defaultdict(list)
    for subject in subjects:
        subject_kind, subject_id = subject_key(subject)
        ids[subject_kind].append(subject_id)
    about = Q(pk__in=[])
    for subject_kind, subject_ids in ids.items():
        about |= Q(subject_kind=subject_kind, subject_id__in=subject_ids)
    found = Delivery.objects.filter(about, kind__in=of_kinds).select_related("message")
    return found.order_by("-created_at", "-pk")


def database_instant() -> datetime:
    """Return the database's own instant, the same for every machine that asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    return cast("datetime", instant)


def workable(at: datetime) -> Q:
    """Return what a worker may take at `at`: due and waiting, or left by a worker whose lease is over."""
    return Q(state=Delivery.State.PENDING, due_at__lte=at) | Q(
        state=Delivery.State.LEASED, leased_until__lte=at
    )


def workable_ids(*, queue: str, at: datetime, limit: int) -> Sequence[int]:
    """Return the first `limit` deliveries of `queue` that a worker may take at `at`, the longest due first.

    Those of the kinds that come first are before all others.
    """
    first = kinds.priority_kinds(queue)
    found = _in_order(first, at, limit) if first else []
    others = [code for code in kinds.in_queue(queue) if code not in first]
    return found if len(found) >= limit else found + _in_order(others, at, limit - len(found))


def higher_priority_than(*, delivery_id: int, at: datetime) -> tuple[int, str] | None:
    """Return one that comes before this delivery by its kind and may be taken at `at`, and the queue of both; or None.

    :raises kinds.UnknownKindError: when no room registered the kind of this one.
    """
    code = Delivery.objects.filter(pk=delivery_id).values_list("kind", flat=True).first()
    if code is None:
        return None
    queue = kinds.get(code).queue
    first = kinds.priority_kinds(queue)
    if not first or code in first:
        return None
    return next(((found, queue) for found in _in_order(first, at, 1)), None)


def _in_order(codes: Collection[str], at: datetime, limit: int) -> list[int]:
    found = Delivery.objects.filter(workable(at), kind__in=codes).order_by("due_at", "pk")
    return list(found.values_list("pk", flat=True)[:limit])


def has_neglected_delivery(*, queue: str, before: datetime) -> bool:
    """Tell whether a delivery of `queue` that a worker could have taken before that instant still waits."""
    return Delivery.objects.filter(workable(before), kind__in=kinds.in_queue(queue)).exists()


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much is not done: counts by state, and when the oldest of them was asked for."""

    pending: int
    leased: int
    dead: int
    older: int
    oldest_at: datetime | None


def count_failed(user: object) -> int:
    """Count the deliveries that were given up and wait for a person, as `user` lists them."""
    return _counted_for(user, Delivery.objects.filter(state=Delivery.State.DEAD))


def bounced(deliveries: QuerySet[Delivery], *, since: datetime | None = None) -> QuerySet[Delivery]:
    """Keep the deliveries whose mail came back, since that instant, and which nothing replaces.

    It is not to go again nor set aside, and its reader was written no later mail of that sort about the same thing.
    """
    back = Message.objects.filter(returned_at__isnull=False, is_to_go_again=False)
    if since is not None:
        back = back.filter(returned_at__gte=since)
    aside = Q(state=Delivery.State.DONE) & ~Q(last_error="")
    later = Delivery.objects.filter(
        kind=OuterRef("kind"),
        subject_kind=OuterRef("subject_kind"),
        subject_id=OuterRef("subject_id"),
        pk__gt=OuterRef("pk"),
    )
    return deliveries.filter(pk__in=back.values("delivery")).exclude(aside).exclude(Exists(later))


def count_bounces(user: object, *, since: datetime) -> int:
    """Count the mails that came back since that instant, as `returned` keeps and `user` lists them."""
    return _counted_for(user, bounced(Delivery.objects.all(), since=since))


def count_delayed_by_outage(user: object) -> int:
    """Count those that wait because the mail server has been away for some minutes, as `user` lists them."""
    return _counted_for(
        user, Delivery.objects.filter(state=Delivery.State.PENDING, outages__gte=OUTAGE_ALERT_ATTEMPT)
    )


def count_overdue(user: object, *, before: datetime) -> int:
    """Count those that still wait though they were due before `before`, as `user` lists them: no worker takes them."""
    return _counted_for(user, Delivery.objects.filter(state=Delivery.State.PENDING, due_at__lt=before))


def _counted_for(user: object, deliveries: QuerySet[Delivery]) -> int:
    # What is hidden is asked only where there is something to hide it in: on most days, nothing failed.
    number = deliveries.count()
    return without_hidden(deliveries, user).count() if number else 0


def backlog(*, older_than: datetime) -> Backlog:
    """Count what is not done, and of that what was asked for, the last time, before `older_than`."""
    undone = Delivery.objects.exclude(state=Delivery.State.DONE).annotate(
        asked_at=Coalesce("asked_again_at", "created_at")
    )
    return Backlog(
        **undone.aggregate(
            pending=Count("pk", filter=Q(state=Delivery.State.PENDING)),
            leased=Count("pk", filter=Q(state=Delivery.State.LEASED)),
            dead=Count("pk", filter=Q(state=Delivery.State.DEAD)),
            older=Count("pk", filter=Q(asked_at__lt=older_than)),
            oldest_at=Min("asked_at"),
        )
    )
