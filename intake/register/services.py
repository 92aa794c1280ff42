"""Operations of the register, searches included: each writes a journal entry. No name is stored.

Apps above `register` give it completed stages and follow its changes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import batched, chain

from django.db import models, transaction

from intake.journal.services import record
from offers.models import Programme

from .errors import AlreadyEnteredError, AlreadyRemovedError, ReasonMissingError
from .models import Participation, Removal
from .people import Key, Participant, Person, all_keys, current_key
from .selectors import count_rows_with_older_keys, count_rows_without_key, entries_of

type Source = Callable[[], Iterable[Participant]]
type Listener = Callable[[Programme], None]
type FileCounter = Callable[[Programme], int]
_sources: list[Source] = []
_listeners: list[Listener] = []
_file_counters: list[FileCounter] = []
_BATCH = 500
"""Rows compared with the register per query."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Counts of an import. `new` rows were added; `known` rows existed, under any key, or are repeated in the list."""

    rows: int
    new: int
    rekeyed: int  # known rows that were replaced because they used an older key

    @property
    def known(self) -> int:
        """Number of rows that add no participation."""
        return self.rows - self.new


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """Counts of a rebuild."""

    completed: ImportResult
    older_keys: int
    """Rows that still use an older key: no source has their names."""
    lost_keys: int
    """Rows whose key is no longer in `REGISTER_KEYS`: they match no person."""


def register_completed_source(source: Source) -> None:
    """Register `source`, which returns all participants of completed stages. Called by `intake.wiring`."""
    if source not in _sources:
        _sources.append(source)


def register_change_listener(listener: Listener) -> None:
    """Register `listener`, called with a programme in the transaction that changes its rows. For `intake.wiring`."""
    if listener not in _listeners:
        _listeners.append(listener)


def register_file_counter(counter: FileCounter) -> None:
    """Register `counter`, which counts the open files that rows of a programme concern. For `intake.wiring`."""
    if counter not in _file_counters:
        _file_counters.append(counter)


def count_concerned_files(programme: Programme) -> int:
    """Count the open files that a person must check again, because rows of `programme` may be their candidates'."""
    return sum(counter(programme) for counter in _file_counters)


@transaction.atomic
def enter_participation(
    *,
    last_name: str,
    first_name: str,
    birth_date: date,
    programme: Programme,
    year: int,
    actor: models.Model | None,
    source: Participation.Source = Participation.Source.HAND,
) -> Participation:
    """Enter a participation in `programme` in `year`. `actor` None: the portal itself.

    :raises AlreadyEnteredError: if the person is already entered for that year.
    :raises NameWithoutLettersError: if a name has no letter.
    :raises NoKeyError: if the installation has no key.
    """
    person = Person(last_name=last_name, first_name=first_name, birth_date=birth_date)
    participant = Participant(person=person, programme=programme, year=year)
    if not _write([participant], source).new:
        raise AlreadyEnteredError
    _notify_changed([programme])
    entered = Participation.objects.get(whole=current_key().whole(person, programme), year=year)
    record(actor=actor, action="PARTICIPATION_ENTERED", subject=entered, detail=f"{year} {source.value}")
    return entered


@transaction.atomic
def import_participations(
    *,
    rows: Sequence[Participant],
    programme: Programme,
    actor: models.Model | None,
    dry_run: bool = False,
) -> ImportResult:
    """Enter a list in one transaction. With `dry_run`, only count; nothing is entered.

    A row that uses an older key is replaced with the current key. A dry run shows which persons are known, so the
    journal records it as a search.

    :raises NameWithoutLettersError: if a name has no letter.
    :raises NoKeyError: if the installation has no key.
    """
    tally = _write(rows, Participation.Source.CSV, dry_run=dry_run)
    if not dry_run and tally.new + tally.rekeyed:
        _notify_changed([programme])
    action = "REGISTER_SEARCHED" if dry_run else "PARTICIPATIONS_IMPORTED"
    detail = f"rows={tally.rows} new={tally.new} known={tally.known}"
    record(actor=actor, action=action, subject=programme, detail=detail)
    return tally


@transaction.atomic
def search_register(
    *, last_name: str, first_name: str, birth_date: date, programme: Programme, actor: models.Model
) -> list[Participation]:
    """Return the rows that may be this person's, latest first. The journal records `actor`, not the person searched.

    :raises NameWithoutLettersError: if a name has no letter.
    :raises NoKeyError: if the installation has no key.
    """
    person = Person(last_name=last_name, first_name=first_name, birth_date=birth_date)
    rows = list(entries_of(person, programme).order_by("-year", "-pk"))
    record(actor=actor, action="REGISTER_SEARCHED", subject=programme, detail="rows=1")
    return rows


@transaction.atomic
def remove_participation(*, participation: Participation, reason: str, actor: models.Model) -> None:
    """Delete a wrong row and store a `Removal` with `reason`, which must contain no personal data.

    :raises ReasonMissingError: if `reason` is blank.
    :raises AlreadyRemovedError: if the row was removed concurrently.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissingError
    if not _remove(list(Participation.objects.filter(pk=participation.pk)), reason, for_good=True):
        raise AlreadyRemovedError
    _notify_changed([participation.programme])
    record(actor=actor, action="PARTICIPATION_REMOVED", subject=participation, detail=str(participation.year))


@transaction.atomic
def rebuild_register(*, actor: models.Model | None = None) -> RebuildResult:
    """Enter again, with the current key, the participants of completed stages from all registered sources.

    A row that staff removed is not entered again, if its key is still in `REGISTER_KEYS`. Rows whose names no source
    has, such as imported lists, keep their key.

    :raises NoKeyError: if the installation has no key.
    """
    current_key()  # raise without a key, even if no stage is completed
    tally = _write(
        chain.from_iterable(source() for source in _sources), Participation.Source.COMPLETED, anew=True
    )
    if tally.new + tally.rekeyed:
        _notify_changed(Programme.objects.order_by("pk"))
    rebuilt = RebuildResult(
        tally, older_keys=count_rows_with_older_keys(), lost_keys=count_rows_without_key()
    )
    detail = f"completed={tally.rows} new={tally.new} rekeyed={tally.rekeyed}"
    record(actor=actor, action="REGISTER_REBUILT", subject=None, detail=detail)
    return rebuilt


def _notify_changed(programmes: Iterable[Programme]) -> None:
    for programme in programmes:
        for listener in _listeners:
            listener(programme)


def _write(
    participants: Iterable[Participant],
    source: Participation.Source,
    *,
    dry_run: bool = False,
    anew: bool = False,
) -> ImportResult:
    """Write the missing rows. With `anew`, skip rows that staff removed."""
    rows = new = rekeyed = 0
    seen: set[tuple[str, int]] = set()
    for batch in batched(participants, _BATCH):
        added, replaced = _write_batch(batch, source, seen, dry_run=dry_run, anew=anew)
        rows, new, rekeyed = rows + len(batch), new + added, rekeyed + replaced
    return ImportResult(rows=rows, new=new, rekeyed=rekeyed)


def _write_batch(
    batch: Sequence[Participant],
    source: Participation.Source,
    seen: set[tuple[str, int]],
    *,
    dry_run: bool,
    anew: bool,
) -> tuple[int, int]:
    """Write the missing rows of `batch`; return the number of new rows and of rows that replace an older key's."""
    current, *older = all_keys()
    rows = [_row(participant, current, source) for participant in batch]
    current_digests = {
        key.whole(participant.person, participant.programme): row.whole
        for participant, row in zip(batch, rows, strict=True)
        for key in older
    }
    wholes = [*(row.whole for row in rows), *current_digests]
    stored = Participation.objects.filter(whole__in=wholes).order_by("pk")
    known = {(row.whole, row.year) for row in stored} | seen
    outdated = {
        (current_digests[row.whole], row.year): row
        for row in stored
        if row.whole in current_digests and (current_digests[row.whole], row.year) not in known
    }
    if anew:
        removals = Removal.objects.filter(whole__in=wholes).values_list("whole", "year")
        removed = {(current_digests.get(whole, whole), year) for whole, year in removals}
        known |= removed - outdated.keys()
    fresh: dict[tuple[str, int], Participation] = {}
    for row in rows:
        identity = (row.whole, row.year)
        if identity not in known:
            fresh.setdefault(identity, row)
    replaced = []
    for identity, row in fresh.items():
        if identity in outdated:
            replaced.append(outdated[identity])
            row.source = outdated[identity].source
    seen.update(fresh)
    if not dry_run:
        Participation.objects.bulk_create(fresh.values(), ignore_conflicts=True)
        _remove(replaced, f"Recalculée avec la clé {current.name}.")
    return len(fresh) - len(replaced), len(replaced)


def _row(participant: Participant, key: Key, source: Participation.Source) -> Participation:
    return Participation(
        programme=participant.programme,
        year=participant.year,
        source=source,
        key_name=key.name,
        whole=key.whole(participant.person, participant.programme),
        shorter=key.shorter(participant.person, participant.programme),
    )


def _remove(rows: Sequence[Participation], reason: str, *, for_good: bool = False) -> bool:
    """Delete `rows`, each with a `Removal`; return False if one is gone already.

    Each deletion waits for a concurrent one: the application's role may not lock the rows, as it may not update them.
    """
    Removal.objects.bulk_create(
        Removal(
            participation=row.pk,
            programme_id=row.programme_id,
            year=row.year,
            reason=reason,
            whole=row.whole if for_good else "",
        )
        for row in rows
    )
    deleted, _by_model = Participation.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return bool(rows) and deleted == len(rows)
