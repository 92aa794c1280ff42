"""Completed stages for the register of participations: person as filed, and the year in which the stage began."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from intake.accounts.models import User
from intake.dossiers.services import AnonymisedError, read_seal
from intake.register.errors import AlreadyEnteredError, NameWithoutLettersError
from intake.register.models import Participation
from intake.register.people import Participant, Person
from intake.register.services import enter_participation
from intake.submissions.models import Filing, Submission
from intake.submissions.states import State
from intake.web.batches import read_in_batches

_CHUNK: Final = 500
"""Rows read from the database at a time."""


def participant_of(submission: Submission) -> Participant | None:
    """Return the participant of `submission`, read with its seal; None if anonymised or without birth date."""
    filing = submission.standing_filing
    person = person_of(filing) if filing is not None else None
    if person is None:
        return None  # if anonymised: the entry was stored at COMPLETE and stays
    offer = submission.offer
    return Participant(person=person, programme=offer.programme, year=offer.starts_on.year)


def person_of(filing: Filing) -> Person | None:
    """Return the person in the seal of `filing`, read with it. None as in `participant_of`."""
    try:
        person = read_seal(filing.seal).person
    except AnonymisedError:
        return None
    if person.born_on is None:
        return None
    return Person(last_name=person.last_name, first_name=person.first_name, birth_date=person.born_on)


def completed_participants() -> Iterator[Participant]:
    """Yield the participant of each completed stage that is not anonymised. For `rebuild_register`."""
    rows = Submission.objects.filter(state=State.COMPLETED).order_by("pk")
    for submission in read_in_batches(
        rows.select_related("offer__programme", "standing_filing__seal"), size=_CHUNK
    ):
        participant = participant_of(submission)
        if participant is not None and _has_letters(participant.person):
            yield participant


def register_completed(submission: Submission, *, actor: User) -> None:
    """Enter the participant of `submission` in the register. An existing entry is not changed.

    :raises intake.register.errors.NoKeyError: if the installation has no key.
    """
    participant = participant_of(submission)
    if participant is None:
        return
    try:
        enter_participation(
            **asdict(participant.person),
            programme=participant.programme,
            year=participant.year,
            actor=actor,
            source=Participation.Source.COMPLETED,
        )
    except (AlreadyEnteredError, NameWithoutLettersError):
        return


def _has_letters(person: Person) -> bool:
    """True if the names contain letters. A rebuild of the register skips a person whose names do not."""
    try:
        return bool(person.family_name and person.given)
    except NameWithoutLettersError:
        return False
