"""Registry of the kinds of delivery; `intake.wiring` fills it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.utils.functional import Promise

from intake.outbox.messages import Letter, send_letter
from intake.outbox.models import Delivery
from intake.outbox.policy import QUEUES

type Handler = Callable[[Delivery, datetime], None]
type Compose = Callable[[Delivery, datetime], Letter]
type IsObsolete = Callable[[Delivery, datetime], bool]
type Complete = Callable[[str], str]


class UnknownKindError(LookupError):
    """No app registered this kind of delivery."""

    code = "unknown_kind"


class DuplicateKindError(ValueError):
    """Two apps registered the same kind of delivery."""

    code = "kind_taken"


def _always(_at: datetime) -> bool:
    return True


def _never(_at: datetime) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of delivery: its handler, its queue, its label, and its period if it is periodic."""

    code: str
    handler: Handler
    queue: str
    label: str | Promise
    every: timedelta | None = None
    is_needed: Callable[[datetime], bool] = _always
    """Of a periodic kind: whether there is anything for it to do. Else it is not posted."""
    comes_first: bool = False
    """True if it is performed before the other kinds of its queue, even those posted earlier: a user waits."""
    is_held: Callable[[datetime], bool] = _never
    """Whether it waits at an instant, due or not, for something more urgent that needs the processors."""


_kinds: dict[str, Kind] = {}


def register_job(
    code: str,
    run: Handler,
    *,
    label: str | Promise = "",
    queue: str = "documents",
    is_held: Callable[[datetime], bool] = _never,
) -> Kind:
    """Register `run(delivery, at)` for deliveries of kind `code`, in `queue`, one of `policy.QUEUES`.

    It runs in a worker, outside any transaction, at least once: it may be killed at any line and run again, up to
    `policy.MAX_ATTEMPTS` times. Any exception counts as a failed attempt. None begins while the kind `is_held`, which
    each sweep asks.

    :raises DuplicateKindError: if the code is registered with another handler.
    :raises ValueError: if no such queue exists.
    """
    return _register(Kind(code, run, queue, label or code, is_held=is_held))


def register_mail(
    code: str,
    compose: Compose,
    *,
    label: str | Promise = "",
    queue: str = "mail",
    is_obsolete: IsObsolete | None = None,
    complete: Complete | None = None,
    comes_first: bool = False,
) -> Kind:
    """Register a kind whose deliveries each send one mail, written by `compose(delivery, at)`.

    The letter is composed once and stored in the same transaction; every attempt sends the stored letter. Before each
    attempt `is_obsolete(delivery, at)` is called: an obsolete mail is not sent. `complete` adds to the text and the
    HTML what is sent and never stored, such as the signature of a link: staff read stored mails.
    """
    handler = partial(send_letter, compose, is_obsolete=is_obsolete, complete=complete)
    return _register(Kind(code, handler, queue, label or code, comes_first=comes_first))


def register_periodic(
    code: str,
    run: Handler,
    *,
    every: timedelta,
    label: str | Promise = "",
    queue: str = "documents",
    comes_first: bool = False,
    is_needed: Callable[[datetime], bool] = _always,
) -> Kind:
    """Register a kind that runs `run(delivery, at)` once per period of length `every`, counted from 1970 in UTC.

    The sweep posts it with the period's first instant as its key, so concurrent sweeps post it once. A period without a
    sweep is skipped, and none is posted while an earlier one is pending: `run` must do all that is due at `at`, not
    only what was due in its period. Nothing is posted for a period at whose sweep it is not `is_needed(at)`.

    :raises ValueError: if `every` is shorter than a second.
    """
    if every < timedelta(seconds=1):
        msg = f"{code}: every {every} is too often"
        raise ValueError(msg)
    return _register(Kind(code, run, queue, label or code, every, is_needed, comes_first))


def _register(kind: Kind) -> Kind:
    if kind.queue not in QUEUES:
        msg = f"{kind.code}: no queue {kind.queue!r}, only {', '.join(QUEUES)}"
        raise ValueError(msg)
    if kind.code in _kinds and _kinds[kind.code].handler != kind.handler:
        msg = f"{kind.code} is registered already"
        raise DuplicateKindError(msg)
    _kinds[kind.code] = kind
    return kind


def get(code: str) -> Kind:
    """Return a registered kind.

    :raises UnknownKindError: if no app registered it.
    """
    if code not in _kinds:
        raise UnknownKindError(code)
    return _kinds[code]


def registered() -> Iterator[Kind]:
    """Yield every kind, in order of registration."""
    yield from _kinds.values()


def in_queue(queue: str) -> list[str]:
    """Return the codes of the kinds of `queue`."""
    return [kind.code for kind in _kinds.values() if kind.queue == queue]


def startable(queue: str, at: datetime) -> list[str]:
    """Return the codes of the kinds of `queue` that are not held at `at`."""
    return [code for code in in_queue(queue) if not _kinds[code].is_held(at)]


def priority_kinds(queue: str) -> list[str]:
    """Return the codes of the kinds that are performed before the others of `queue`."""
    return [code for code in in_queue(queue) if _kinds[code].comes_first]


def label_of(code: str) -> str:
    """Return the label of a kind, or its code if no app registers it any more."""
    kind = _kinds.get(code)
    return str(kind.label) if kind else code
