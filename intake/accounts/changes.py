"""Changes of accounts and rights: asked by one administrator, approved by another, applied in one place.

A candidate changes their own address in the same place.

Each change locks the account and the administrators, decides on what is under the lock, and seals: the row of the
change, the account, the journal, the end of the account's sessions, and the mails.
"""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q

from intake.accounts.errors import (
    AddressTakenError,
    AskerLeftError,
    ChangeDecidedError,
    LastAdministratorError,
    NameNeededError,
    NotAdministratorError,
    NothingToChangeError,
    OpenChangeError,
    SecondPersonError,
    StaffAddressError,
    StaleChangeError,
)
from intake.accounts.models import NO, YES, AccountChange, ProviderIdentity, User
from intake.accounts.roles import Role
from intake.accounts.second_factor.invitations import renew_invitation
from intake.accounts.second_factor.notices import tell_owner
from intake.accounts.second_factor.selectors import factor_keys, has_factor
from intake.accounts.second_factor.services import remove_all_factors
from intake.accounts.services import open_account_for, roles_of, set_roles
from intake.base.database_errors import broken_constraint
from intake.journal.services import record
from intake.web import security_events
from intake.web.security_events import record_security_event

Kind = AccountChange.Kind
State = AccountChange.State
type Listener = Callable[[AccountChange, dt.datetime], None]
ADDRESS_KINDS: Final = frozenset({Kind.ADDRESS, Kind.OWN_ADDRESS})
_OWN_REASON: Final = "Changée par la personne elle-même."
"""Stored, as administrators write theirs: in French."""
_UNDO_REASON: Final = "Demandé par le lien envoyé à l’ancienne adresse."


class _Change(NamedTuple):
    """What a kind of change does to an account."""

    current: Callable[[User], str]
    """Return the value that the change would replace."""
    is_new: Callable[[User, str], bool]
    """Return whether the account would be another one after the change."""
    apply: Callable[[User, str, User | None], None]
    """Change the account, which is locked, for an administrator or for the operator (None)."""


_listeners: list[Listener] = []


def register_change_listener(listener: Listener) -> None:
    """Call `listener(change, at)` in the transaction that asks for a change, and in the one that applies it."""
    if listener not in _listeners:
        _listeners.append(listener)


def roles_value(roles: set[Role]) -> str:
    """Return the value of a change to exactly `roles`."""
    return " ".join(sorted(roles))


def current_value(*, user: User, kind: AccountChange.Kind) -> str:
    """Return what a change of this kind would replace, in the form of `AccountChange.value`."""
    return _KINDS[kind].current(user)


# -- One administrator asks ------------------------------------------------------------------------------
@transaction.atomic
def ask_change(
    *, person: User, kind: AccountChange.Kind, value: str = "", reason: str, actor: User, at: dt.datetime
) -> AccountChange:
    """Store a change that waits for another administrator; one that expired by `at` is replaced.

    `value`: as `AccountChange.value` stores it, an address folded.

    :raises NotAdministratorError: if `actor` is not an administrator.
    :raises NothingToChangeError: if the account is already so, or no second person makes a change of this kind.
    :raises OpenChangeError: if another one of this kind waits.
    :raises AddressTakenError: if another account has the address.
    :raises LastAdministratorError: if no administrator would be left.
    """
    people = _lock_people(person)
    _check_administrator(people, actor)
    if kind in {Kind.CLOSING, Kind.OWN_ADDRESS}:
        raise NothingToChangeError
    locked = people[person.pk]
    change = AccountChange(
        person=locked,
        kind=kind,
        value=value,
        before=current_value(user=locked, kind=kind),
        reason=reason,
        asked_by=actor,
    )
    _check_possible(people, change)
    waiting = (
        AccountChange.objects.select_for_update().filter(person=locked, kind=kind, state=State.ASKED).first()
    )
    if waiting is not None:
        if at < waiting.expires_at:
            raise OpenChangeError
        _decide(waiting, State.EXPIRED, None)
    change.save()
    change.refresh_from_db(fields=["asked_at"])
    record(actor=actor, action="ACCOUNT_CHANGE_ASKED", subject=locked, detail=str(change))
    _tell(change, at)
    return change


@transaction.atomic
def open_staff_account(*, email: str, display_name: str, actor: User, at: dt.datetime) -> User:
    """Open an account for a colleague, without any right: rights are changes.

    :raises NotAdministratorError: if `actor` is not an administrator.
    :raises AddressTakenError: if the address has an account.
    """
    _check_administrator(_lock_people(actor), actor)
    user, created = open_account_for(email=email, display_name=display_name, actor=actor, at=at)
    if not created:
        raise AddressTakenError
    return user


@transaction.atomic
def rename_account(*, person: User, display_name: str, actor: User) -> None:
    """Change the displayed name of an account. Nothing happens if it has that name.

    :raises NotAdministratorError: if `actor` is not an administrator.
    :raises NameNeededError: if the account would lose its name.
    """
    people = _lock_people(person)
    _check_administrator(people, actor)
    locked = people[person.pk]
    if display_name == locked.display_name:
        return
    if not display_name:
        raise NameNeededError
    locked.display_name = display_name
    locked.save(update_fields=["display_name"])
    record(actor=actor, action="ACCOUNT_RENAMED", subject=locked)


# -- Another decides -------------------------------------------------------------------------------------
@transaction.atomic
def approve_change(*, change: AccountChange, actor: User, at: dt.datetime) -> AccountChange:
    """Apply a change that another administrator asked for.

    :raises ChangeDecidedError: if it is decided, or has expired at `at` (exclusive).
    :raises NotAdministratorError: if `actor` is not an administrator.
    :raises SecondPersonError: if `actor` asked for it, or it is of their account.
    :raises AskerLeftError: if the one who asked is no longer an administrator.
    :raises StaleChangeError: if the account is not as it was when the change was asked.
    """
    locked = _lock_change(change)
    people = _lock_people(locked.person)
    if locked.state != State.ASKED or at >= locked.expires_at:
        raise ChangeDecidedError
    _check_administrator(people, actor)
    if actor.pk in {locked.asked_by_id, locked.person_id}:
        raise SecondPersonError
    if locked.asked_by is None or not _is_administrator(people, locked.asked_by):
        raise AskerLeftError
    person = people[locked.person_id]
    if current_value(user=person, kind=Kind(locked.kind)) != locked.before:
        raise StaleChangeError
    _check_possible(people, locked)
    return _apply(locked, person, actor, at)


@transaction.atomic
def refuse_change(*, change: AccountChange, actor: User) -> AccountChange:
    """Refuse a change; the one who asked for it withdraws it so.

    :raises ChangeDecidedError: if it is decided.
    :raises NotAdministratorError: if `actor` is not an administrator.
    """
    locked = _lock_change(change)
    people = _lock_people(locked.person)
    if locked.state != State.ASKED:
        raise ChangeDecidedError
    _check_administrator(people, actor)
    _decide(locked, State.REFUSED, actor)
    record(actor=actor, action="ACCOUNT_CHANGE_REFUSED", subject=locked.person, detail=str(locked))
    return locked


# -- One person is enough --------------------------------------------------------------------------------
@transaction.atomic
def close_account(*, person: User, reason: str, actor: User, at: dt.datetime) -> AccountChange:
    """Close an account at once: it protects, so that one administrator is enough. Only two open it again.

    :raises NotAdministratorError: if `actor` is not an administrator.
    :raises NothingToChangeError: if it is closed.
    :raises LastAdministratorError: if no administrator would be left.
    """
    people = _lock_people(person)
    _check_administrator(people, actor)
    change = AccountChange(person=people[person.pk], kind=Kind.CLOSING, reason=reason, asked_by=actor)
    _check_possible(people, change)
    return _apply(change, people[person.pk], actor, at)


@transaction.atomic
def change_own_address(*, person: User, email: str, at: dt.datetime) -> AccountChange:
    """Give the account of a candidate the address `email` (folded), whose mailbox they proved; end all its sessions.

    :raises StaffAddressError: if the account has access to the administration: two people change it.
    :raises NothingToChangeError: if it has this address.
    :raises AddressTakenError: if another account has it.
    """
    people = _lock_people(person)
    locked = people[person.pk]
    _check_own_address(locked)
    before = current_value(user=locked, kind=Kind.OWN_ADDRESS)
    change = AccountChange(
        person=locked, kind=Kind.OWN_ADDRESS, value=email, before=before, reason=_OWN_REASON, asked_by=locked
    )
    _check_possible(people, change)
    return _apply(change, locked, locked, at)


@transaction.atomic
def undo_own_address(*, change: AccountChange, at: dt.datetime) -> AccountChange:
    """Give the account back the address that `change` took from its mailbox, remove its passkeys, end its sessions.

    If another account has taken the address meanwhile, close the account: nobody else keeps it.

    :raises ChangeDecidedError: as `check_may_undo`.
    :raises NothingToChangeError: if the account has the address again.
    :raises StaffAddressError: as `change_own_address`.
    """
    people = _lock_people(change.person)
    person = people[change.person_id]
    check_may_undo(change=change, at=at)
    _check_own_address(person)
    undo = AccountChange(
        person=person,
        kind=Kind.OWN_ADDRESS,
        value=change.before,
        before=current_value(user=person, kind=Kind.OWN_ADDRESS),
        reason=_UNDO_REASON,
        asked_by=person,
        undoes=change,
    )
    try:
        _check_possible(people, undo)
    except AddressTakenError:
        undo.kind, undo.value, undo.before = Kind.CLOSING, "", ""
    _forget_factors(person, person)
    return _apply(undo, person, person, at)


def check_may_undo(*, change: AccountChange, at: dt.datetime) -> None:
    """Raise unless the former mailbox may undo `change` at `at`.

    :raises ChangeDecidedError: if it is no own address, is too old, or another change of the address was undone or was
        made by administrators since: the mailbox of an address in between gets nothing back.
    """
    later = AccountChange.objects.filter(person=change.person_id, state=State.APPLIED, pk__gt=change.pk)
    until = change.undone_until
    if until is None or at >= until or later.filter(Q(undoes__isnull=False) | Q(kind=Kind.ADDRESS)).exists():
        raise ChangeDecidedError


@transaction.atomic
def change_as_operator(
    *, person: User, kind: AccountChange.Kind, value: str = "", reason: str, at: dt.datetime
) -> AccountChange:
    """Apply a change at once for the operator, who runs a command on the server: the first administrators.

    It has no author. Every administrator and the person get a mail, and no page leads here.

    :raises NothingToChangeError: if the account is already so.
    :raises AddressTakenError: if another account has the address.
    :raises LastAdministratorError: if no administrator would be left.
    """
    people = _lock_people(person)
    locked = people[person.pk]
    before = current_value(user=locked, kind=kind)
    change = AccountChange(person=locked, kind=kind, value=value, before=before, reason=reason)
    _check_possible(people, change)
    return _apply(change, locked, None, at)


@transaction.atomic
def end_sessions(*, user: User, at: dt.datetime) -> None:
    """End all sessions of `user`, for ever: opened on any device, or by a code or link that was sent before `at`.

    Django derives the session's digest from the password. The portal has none: a new unusable one, which is random,
    makes every cookie invalid, also those of remembered devices.
    """
    user.set_unusable_password()
    user.sessions_ended_at = at
    user.save(update_fields=["password", "sessions_ended_at"])


# -- The only path that changes an account ---------------------------------------------------------------
def _apply(change: AccountChange, person: User, actor: User | None, at: dt.datetime) -> AccountChange:
    """Seal the change first: the database accepts the account's new values only then."""
    was_staff = person.is_staff
    _decide(change, State.APPLIED, actor)
    try:
        with transaction.atomic():
            _KINDS[Kind(change.kind)].apply(person, change.value, actor)
    except IntegrityError as refused:
        if broken_constraint(refused) == "accounts_user_email_key":
            raise AddressTakenError from refused
        raise
    end_sessions(user=person, at=at)
    record(actor=actor, action="ACCOUNT_CHANGE_APPLIED", subject=person, detail=str(change))
    _tell(change, at)
    if person.is_staff and not was_staff:
        _forget_factors(person, actor)  # a candidate's, which needed no invitation
    renew_invitation(user=person, actor=actor, at=at)
    ProviderIdentity.objects.filter(
        user=person
    ).delete()  # the next sign-in links it again, by the verified address
    event = security_events.Kind.ACCOUNT_CHANGED
    transaction.on_commit(partial(record_security_event, None, event, reason=change.kind, subject=person))
    return change


def _forget_factors(person: User, actor: User | None) -> None:
    """Remove every factor of an account, and tell its owner."""
    removed = remove_all_factors(user=person, actor=actor)
    if removed is not None:
        tell_owner(removed, owner=person)


def _tell(change: AccountChange, at: dt.datetime) -> None:
    for listener in _listeners:
        listener(change, at)


def _decide(change: AccountChange, state: AccountChange.State, actor: User | None) -> None:
    """Write the decision: of a stored change, the only columns that the application may update."""
    change.state, change.decided_by = state, actor
    change.save(update_fields=["state", "decided_by"] if change.pk else None)
    change.refresh_from_db(fields=["asked_at", "decided_at"])  # written by the database


def _lock_change(change: AccountChange) -> AccountChange:
    return (
        AccountChange.objects.select_for_update(of=("self",))
        .select_related("person", "asked_by")
        .get(pk=change.pk)
    )


def _lock_people(person: User) -> dict[int, User]:
    """Lock the account of `person` and those of all administrators, in one order; return them by key."""
    wanted = User.objects.filter(Q(pk=person.pk) | Q(is_superuser=True)).order_by("pk")
    return {user.pk: user for user in wanted.select_for_update(no_key=True)}


def _is_administrator(people: dict[int, User], user: User) -> bool:
    found = people.get(user.pk)
    return found is not None and found.is_superuser and found.is_active


def _check_own_address(person: User) -> None:
    if person.is_staff or person.is_superuser or not person.is_active:
        raise StaffAddressError


def _check_administrator(people: dict[int, User], actor: User) -> None:
    if not _is_administrator(people, actor):
        raise NotAdministratorError


def _check_possible(people: dict[int, User], change: AccountChange) -> None:
    """Raise unless the change changes something, to an address that is free, and leaves an administrator."""
    kind, person = Kind(change.kind), people[change.person_id]
    if not _KINDS[kind].is_new(person, change.value):
        raise NothingToChangeError
    if kind in ADDRESS_KINDS and User.objects.filter(email=change.value).exists():
        raise AddressTakenError
    leaves = kind == Kind.CLOSING or (kind == Kind.ADMINISTRATION and change.value == NO)
    if leaves and _is_administrator(people, person):
        others = [user for user in people.values() if user != person and user.is_superuser and user.is_active]
        if not others:
            raise LastAdministratorError


# -- One function for each kind --------------------------------------------------------------------------
def _change_address(person: User, value: str, _actor: User | None) -> None:
    person.email = value
    person.save(update_fields=["email"])


def _change_roles(person: User, value: str, actor: User | None) -> None:
    roles = {Role(code) for code in value.split()}
    person.is_staff = person.is_superuser or bool(roles)
    person.save(update_fields=["is_staff"])
    set_roles(user=person, roles=roles, actor=actor)


def _change_administration(person: User, value: str, _actor: User | None) -> None:
    person.is_superuser = value == YES
    person.is_staff = person.is_superuser or bool(roles_of(person))
    person.save(update_fields=["is_superuser", "is_staff"])


def _close(person: User, _value: str, _actor: User | None) -> None:
    person.is_active = False
    person.save(update_fields=["is_active"])


def _reopen(person: User, _value: str, _actor: User | None) -> None:
    person.is_active = True
    person.save(update_fields=["is_active"])


def _remove_factors(person: User, _value: str, actor: User | None) -> None:
    remove_all_factors(user=person, actor=actor)


def _roles(person: User) -> str:
    return roles_value(roles_of(person))


def _administration(person: User) -> str:
    return YES if person.is_superuser else NO


def _nothing(_person: User) -> str:
    return ""


_KINDS: Final[dict[AccountChange.Kind, _Change]] = {
    Kind.ADDRESS: _Change(
        lambda person: person.email, lambda person, value: person.email != value, _change_address
    ),
    Kind.OWN_ADDRESS: _Change(
        lambda person: person.email, lambda person, value: person.email != value, _change_address
    ),
    Kind.ROLES: _Change(_roles, lambda person, value: _roles(person) != value, _change_roles),
    Kind.ADMINISTRATION: _Change(
        _administration, lambda person, value: _administration(person) != value, _change_administration
    ),
    Kind.CLOSING: _Change(_nothing, lambda person, _value: person.is_active, _close),
    Kind.REOPENING: _Change(_nothing, lambda person, _value: not person.is_active, _reopen),
    Kind.SECOND_FACTOR: _Change(factor_keys, lambda person, _value: has_factor(person), _remove_factors),
}
