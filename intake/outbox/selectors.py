"""Queries of the outbox."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, cast

from django.db import connection
from django.db.models import Count, Exists, Min, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.functional import Promise

from intake.accounts.selectors import address_prefix_condition
from intake.journal.invariants import Invariant
from intake.journal.selectors import names_of, subjects_hidden_from
from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from intake.outbox.policy import OUTAGE_ALERT_ATTEMPT, OVERDUE, places_in
from intake.web.prepared import columns_of, fetch_all, fetch_one, next_joined, next_model

from .labels import bounce_reason


def subject_columns(subject: Model | str) -> dict[str, str]:
    """Return the columns of a delivery that name its subject; a text has an empty kind."""
    if isinstance(subject, Model):
        return {"subject_kind": subject._meta.label_lower, "subject_id": str(subject.pk)}
    return {"subject_kind": "", "subject_id": subject}


def deliveries_for(subject: Model | str) -> QuerySet[Delivery]:
    """Return the deliveries about `subject` (a saved model, or the text given to `post`), oldest first."""
    return Delivery.objects.filter(**subject_columns(subject)).order_by("created_at", "pk")


def without_hidden(deliveries: QuerySet[Delivery], user: object) -> QuerySet[Delivery]:
    """Exclude the deliveries about subjects hidden from `user`."""
    for subjects in subjects_hidden_from(user):
        deliveries = deliveries.exclude(names_of(subjects, key="pk"))
    return deliveries


def search_condition(typed: str, word: str) -> QuerySet[Delivery, Any]:
    """Return, for a subquery, the keys of the deliveries that a search word finds; `word` is `typed`, folded.

    A union of three indexed queries: one condition on both tables would scan all rows.
    """
    keyed = Delivery.objects.filter(folded_key__contains=word).values("pk")
    about = Delivery.objects.filter(subject_id__startswith=typed).values("pk")
    sent = Message.objects.filter(address_prefix_condition("to_address", typed)).values("delivery")
    return keyed.union(about, sent, all=True)


@dataclass(frozen=True, slots=True)
class MessageState:
    """State of a mail: `sent_at` is when the mail server accepted it; `to_address` is empty until it is composed."""

    state: Delivery.State
    to_address: str
    sent_at: datetime | None
    returned_at: datetime | None = None
    report_code: str = ""
    was_set_aside: bool = False

    @property
    def is_sent(self) -> bool:
        """True if the mail server accepted it."""
        return self.sent_at is not None

    @property
    def has_failed(self) -> bool:
        """True if it was not sent and will not be retried."""
        return self.state == Delivery.State.DEAD or self.was_set_aside

    @property
    def has_returned(self) -> bool:
        """True if it bounced and was not sent again."""
        return self.returned_at is not None

    @property
    def why_returned(self) -> Promise:
        """Reason of the bounce, as the end of a sentence."""
        return bounce_reason(self.report_code)


def state_of(delivery: Delivery) -> MessageState:
    """Return the state of the mail of `delivery`; no query if its message was read with it."""
    return _state_with(delivery, getattr(delivery, "message", None))


def _state_with(delivery: Delivery, message: Message | None) -> MessageState:
    state = Delivery.State(delivery.state)
    if message is None or message.is_to_go_again:  # same state as a mail not sent yet
        return MessageState(state=state, to_address=message.to_address if message else "", sent_at=None)
    return MessageState(
        state=state,
        to_address=message.to_address,
        sent_at=message.sent_at,
        returned_at=message.returned_at,
        report_code=message.report_code,
        was_set_aside=message.was_set_aside,
    )


def resendable() -> Q:
    """Return the condition of what staff may send again: failed deliveries, sent or dropped mails, unless erased."""
    return Q(state=Delivery.State.DEAD) | Q(state=Delivery.State.DONE, message__to_address__gt="")


def dismissible() -> Q:
    """Return the condition of what staff may set aside: mails that failed."""
    return Q(state=Delivery.State.DEAD, message__isnull=False)


def mails_about(subjects: Iterable[Model], *, of_kinds: Collection[str]) -> QuerySet[Delivery]:
    """Return the deliveries of these kinds about any of `subjects` (saved models) with their mails, latest first."""
    ids: dict[str, list[str]] = defaultdict(list)
    for subject in subjects:
        columns = subject_columns(subject)
        ids[columns["subject_kind"]].append(columns["subject_id"])
    about = Q(pk__in=[])
    for subject_kind, subject_ids in ids.items():
        about |= Q(subject_kind=subject_kind, subject_id__in=subject_ids)
    deliveries = Delivery.objects.filter(about, kind__in=of_kinds).select_related("message")
    return deliveries.order_by("-created_at", "-pk")


def latest_states(subject: Model, *, of_kinds: Iterable[str]) -> dict[str, MessageState]:
    """Return the state of the latest delivery about `subject` of each kind of which there is one.

    One prepared statement: the page of each receipt begins with it.
    """
    found: dict[str, MessageState] = {}
    for row in fetch_all(_latest_sql(), [*subject_columns(subject).values(), list(of_kinds)]):
        values = iter(row)
        delivery, message = next_model(Delivery, values), next_joined(Message, values)
        if message is not None:
            message.delivery = delivery
        found[delivery.kind] = _state_with(delivery, message)
    return found


@cache
def _latest_sql() -> str:
    return f"""SELECT DISTINCT ON (kind) {columns_of(Delivery, Message)} FROM outbox_delivery
    LEFT JOIN outbox_message ON outbox_message.delivery_id = outbox_delivery.id
    WHERE subject_kind = %s AND subject_id = %s AND kind = ANY(%s)
    ORDER BY kind, outbox_delivery.created_at DESC, outbox_delivery.id DESC"""  # noqa: S608 -- names of ours


def database_instant() -> datetime:
    """Return the database's current instant, which is the same for all machines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    return cast("datetime", instant)


def workable(at: datetime) -> Q:
    """Return the condition of what a worker may take at `at`: due and pending, or leased with an expired lease."""
    return Q(state=Delivery.State.PENDING, due_at__lte=at) | Q(
        state=Delivery.State.LEASED, leased_until__lte=at
    )


def waits_for_server() -> Q:
    """Return the condition of what found its server away at the last attempt, and is tried again."""
    return Q(state=Delivery.State.PENDING, outages__gt=0)


def workable_ids(*, queue: str, at: datetime, limit: int) -> Sequence[int]:
    """Return the first `limit` deliveries of `queue` to take at `at`: those that come first, then the longest due.

    In a queue with places, no more than are free, one per subject; see `_in_turn`.
    """
    places = places_in(queue)
    if places is not None:
        return _in_turn(kinds.in_queue(queue), at, places)[:limit]
    first = kinds.priority_kinds(queue)
    ids = _in_order(first, at, limit) if first else []
    others = [code for code in kinds.startable(queue, at) if code not in first]
    return ids if len(ids) >= limit else ids + _in_order(others, at, limit - len(ids))


def kind_of(delivery_id: int) -> tuple[str, datetime] | None:
    """Return the kind of a delivery and the database's instant, in one prepared statement; None if there is none."""
    row = fetch_one("SELECT kind, clock_timestamp() FROM outbox_delivery WHERE id = %s", [delivery_id])
    return (row[0], row[1]) if row else None


def higher_priority_than(*, kind: str, at: datetime) -> tuple[int, str] | None:
    """Return a delivery (key and queue) that precedes this kind in its queue and can be taken at `at`, or None.

    :raises kinds.UnknownKindError: if no app registered the kind.
    """
    queue = kinds.get(kind).queue
    first = kinds.priority_kinds(queue)
    if not first or kind in first:
        return None
    return next(((ahead, queue) for ahead in _in_order(first, at, 1)), None)


def _in_order(codes: Collection[str], at: datetime, limit: int) -> list[int]:
    due = Delivery.objects.filter(workable(at), kind__in=codes).order_by("due_at", "pk")
    return list(due.values_list("pk", flat=True)[:limit])


def _in_turn(codes: Collection[str], at: datetime, places: int) -> list[int]:
    """Return the deliveries that may take the free places at `at`: one for each subject of which none is under way.

    The subject first that was served, or came, the longest ago: twenty deliveries of one subject delay the one of
    another by one delivery at most, and those who come later overtake nobody.
    """
    busy = list(_under_way(codes, at).values_list("subject_id", flat=True))
    free = places - len(busy)
    if free <= 0:
        return []
    mine = Delivery.objects.filter(
        kind__in=codes, subject_kind=OuterRef("subject_kind"), subject_id=OuterRef("subject_id")
    )
    served = Subquery(mine.filter(state=Delivery.State.DONE).order_by("-done_at").values("done_at")[:1])
    due = (
        Delivery.objects.filter(workable(at), kind__in=codes)
        .exclude(subject_id__in=busy)
        .alias(turn=Greatest("due_at", served))
        .order_by("turn", "due_at", "pk")
    )
    firsts: dict[str, int] = {}
    for key, subject in due.values_list("pk", "subject_id"):
        firsts.setdefault(subject, key)
    return list(firsts.values())[:free]


def _under_way(codes: Collection[str], at: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(kind__in=codes, state=Delivery.State.LEASED, leased_until__gt=at)


def is_under_way(*, queue: str, at: datetime) -> bool:
    """Return whether a worker holds a lease of `queue` at `at`; it may have died up to `policy.LEASE` before."""
    return _under_way(kinds.in_queue(queue), at).exists()


def has_place(subject_id: str, *, queue: str, at: datetime) -> bool:
    """True if a place of `queue`, which has some, is free at `at`, and no delivery of the subject is under way."""
    places = places_in(queue) or 0
    subjects = list(_under_way(kinds.in_queue(queue), at).values_list("subject_id", flat=True))
    return len(subjects) < places and subject_id not in subjects


def has_neglected_delivery(*, queue: str, before: datetime) -> bool:
    """True if a delivery of `queue` that a worker could have taken before `before` still waits."""
    if places_in(queue) is not None:
        return bool(workable_ids(queue=queue, at=before, limit=1))
    return Delivery.objects.filter(workable(before), kind__in=kinds.startable(queue, before)).exists()


def count_failed(user: object) -> int:
    """Count the DEAD deliveries that `user` may see."""
    return _counted_for(user, Delivery.objects.filter(state=Delivery.State.DEAD))


def bounced(deliveries: QuerySet[Delivery], *, since: datetime | None = None) -> QuerySet[Delivery]:
    """Keep the deliveries whose mail bounced (at or after `since`) and is not set aside, to be sent again or replaced.

    A later mail of the same kind about the same subject replaces it.
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
    """Count the mails that bounced at or after `since` (`bounced`) and that `user` may see."""
    return _counted_for(user, bounced(Delivery.objects.all(), since=since))


DELAY: Final = "attente"
"""Parameter of the list of deliveries that keeps the delayed ones, with one of the two values below."""
DELAYED_BY_OUTAGE: Final = "serveur"
LATE: Final = "retard"


def delayed_by_outage(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Keep the deliveries that wait because of an outage of some minutes."""
    return deliveries.filter(state=Delivery.State.PENDING, outages__gte=OUTAGE_ALERT_ATTEMPT)


def count_delayed_by_outage(user: object) -> int:
    """Count the deliveries `delayed_by_outage` that `user` may see."""
    return _counted_for(user, delayed_by_outage(Delivery.objects.all()))


def overdue(deliveries: QuerySet[Delivery], *, at: datetime) -> QuerySet[Delivery]:
    """Keep the pending deliveries due more than `policy.OVERDUE` before `at`: no worker takes them."""
    return deliveries.filter(state=Delivery.State.PENDING, due_at__lt=at - OVERDUE)


def count_overdue(user: object, *, at: datetime) -> int:
    """Count the deliveries `overdue` at `at` that `user` may see."""
    return _counted_for(user, overdue(Delivery.objects.all(), at=at))


def _counted_for(user: object, deliveries: QuerySet[Delivery]) -> int:
    # Query what is hidden only if there is something to hide: on most days, nothing failed.
    number = deliveries.count()
    return without_hidden(deliveries, user).count() if number else 0


@dataclass(frozen=True, slots=True)
class Backlog:
    """Numbers of deliveries that are not done, by state, and when the oldest was posted or last retried."""

    pending: int
    leased: int
    dead: int
    older: int
    oldest_at: datetime | None


def backlog(*, older_than: datetime) -> Backlog:
    """Count what is not done, and how much of that was posted or last retried before `older_than`."""
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


def no_dead_delivery_invariant(*, but: Collection[str]) -> Invariant:
    """Return the invariant that no delivery is DEAD but of the kinds `but` (one at least), the jobs that check it.

    A failed check would otherwise violate it for ever.
    """
    codes = ", ".join(f"'{kind}'" for kind in but)
    return Invariant(
        "no_delivery_is_given_up",
        f"SELECT public_id FROM outbox_delivery WHERE state = 'DEAD' AND kind NOT IN ({codes})",  # noqa: S608 -- only constants, no input
    )
