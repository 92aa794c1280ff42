"""What the outbox can do. The room that knows how registers its kinds from `AppConfig.ready()`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.utils.functional import Promise

from intake.outbox import messages
from intake.outbox.letters import Letter
from intake.outbox.models import Delivery
from intake.outbox.policy import QUEUES

type Handler = Callable[[Delivery, datetime], None]
type Compose = Callable[[Delivery, datetime], Letter]
type Lapsed = Callable[[Delivery, datetime], bool]


class UnknownKindError(LookupError):
    """No room registered this kind of delivery."""

    code = "unknown_kind"


class DuplicateKindError(ValueError):
    """Two rooms registered the same kind of delivery."""

    code = "kind_taken"


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of delivery: what does it, in which queue, its name for people, and how often it comes by itself."""

    code: str
    handler: Handler
    queue: str
    label: str | Promise
    every: timedelta | None = None
    comes_first: bool = False
    """Of what its queue holds, it is done before what is asked for by the thousand: somebody waits for it."""


_kinds: dict[str, Kind] = {}


def register(code: str, handler: Handler, *, queue: str, label: str | Promise = "") -> Kind:
    """Let `handler(delivery, at)` do the deliveries of kind `code`, in `queue`, one of `policy.QUEUES`.

    The handler runs in a worker, outside any transaction, at least once: it may be killed at any line and run
    again, up to `policy.MAX_ATTEMPTS` times. Whatever it raises counts as a failed attempt.

    :raises KindTakenError: when the code is registered with another handler.
    :raises ValueError: when no such queue exists.
    """
    if queue not in QUEUES:
        msg = f"{code}: no queue {queue!r}, only {', '.join(QUEUES)}"
        raise ValueError(msg)
    if code in _kinds and _kinds[code].handler != handler:
        msg = f"{code} is registered already"
        raise DuplicateKindError(msg)
    _kinds[code] = Kind(code, handler, queue, label or code)
    return _kinds[code]


def register_mail(
    code: str,
    compose: Compose,
    *,
    label: str | Promise = "",
    queue: str = "mail",
    lapsed: Lapsed | None = None,
    comes_first: bool = False,
) -> Kind:
    """Send one mail per delivery of kind `code`, written by `compose(delivery, at)`.

    The letter is composed once, stored in the same transaction, and the stored one is sent at every attempt.
    `lapsed(delivery, at)` is asked before each attempt: what it says is no longer worth saying is not sent. One that
    `comes_first` is sent before the others of its queue, however many were asked for earlier.

    :raises KindTakenError: as `register`.
    """
    kind = register(code, partial(messages.send_letter, compose, lapsed=lapsed), queue=queue, label=label)
    _kinds[code] = replace(kind, comes_first=comes_first)
    return _kinds[code]


def register_job(code: str, run: Handler, *, label: str | Promise = "", queue: str = "documents") -> Kind:
    """Do one job per delivery of kind `code`, by `run(delivery, at)`.

    :raises KindTakenError: as `register`.
    """
    return register(code, run, queue=queue, label=label)


def register_periodic(
    code: str,
    run: Handler,
    *,
    every: timedelta,
    label: str | Promise = "",
    queue: str = "documents",
    comes_first: bool = False,
) -> Kind:
    """Do one job of kind `code` by `run(delivery, at)` in each period of length `every`, counted from 1970 in UTC.

    The sweep asks for it, under the period's first instant as its key: once, however many sweep. A period that passed
    while nothing swept is not made up for, and none is asked for while an earlier one is still to be done: `run` does
    all that is due at `at`, not what was due in its period. One that `comes_first` is done before the others of its
    queue, however many were asked for earlier.

    :raises KindTakenError: as `register`.
    :raises ValueError: when `every` is shorter than a second.
    """
    if every < timedelta(seconds=1):
        msg = f"{code}: every {every} is too often"
        raise ValueError(msg)
    kind = register(code, run, queue=queue, label=label)
    _kinds[code] = replace(kind, every=every, comes_first=comes_first)
    return _kinds[code]


def get(code: str) -> Kind:
    """Return a registered kind.

    :raises UnknownKindError: when no room registered it.
    """
    try:
        return _kinds[code]
    except KeyError:
        raise UnknownKindError(code) from None


def registered() -> Iterator[Kind]:
    """Yield every registered kind, in the order the rooms registered them."""
    yield from _kinds.values()


def periodic() -> list[Kind]:
    """Return the kinds that come by themselves."""
    return [kind for kind in _kinds.values() if kind.every is not None]


def in_queue(queue: str) -> list[str]:
    """Return the codes of the kinds done in `queue`."""
    return [kind.code for kind in _kinds.values() if kind.queue == queue]


def priority_kinds(queue: str) -> list[str]:
    """Return the codes of the kinds that are done before the others of `queue`."""
    return [code for code in in_queue(queue) if _kinds[code].comes_first]


def label_of(code: str) -> str:
    """Return the name for people of a kind, or its code when no room knows it any more."""
    kind = _kinds.get(code)
    return str(kind.label) if kind else code
