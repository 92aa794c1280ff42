"""Write to the journal. No other module does."""

from collections.abc import Iterable
from typing import Final

from django.db import models

from intake.journal.models import LIST_SHOWN, Entry
from intake.journal.seals import seal
from intake.journal.selectors import subject_key
from intake.web.prepared import fetch_one


def record(
    *, actor: models.Model | None, action: str, subject: models.Model | None, detail: str = ""
) -> Entry:
    """Add an entry: `actor` (a user; None for the portal itself) did `action` (an UPPERCASE code) to `subject`.

    The subject is stored as text: its model's label and its public identifier, or its primary key if it has none. The
    row has the instant of the caller's transaction. No personal data in `detail`.

    :raises django.db.IntegrityError: if `action` is not a code.
    """
    entry = Entry(
        # The app `accounts` imports this one, so the user is referenced by key.
        actor_id=actor.pk if actor is not None else None,
        action=action,
        subject_kind=subject._meta.label_lower if subject is not None else "",
        subject_id=subject_key(subject) if subject is not None else "",
        detail=detail,
    )
    entry.seal = seal(entry.sealed_content())
    entry.pk, entry.at = fetch_one(_INSERT, [getattr(entry, name) for name in _GIVEN])
    entry._state.adding = False  # noqa: SLF001 -- it is in the table, as after save()
    return entry


_GIVEN: Final = ("actor_id", "action", "subject_kind", "subject_id", "detail", "seal")
_INSERT: Final = f"""
INSERT INTO journal_entry ({", ".join(_GIVEN)}) VALUES ({", ".join(["%s"] * len(_GIVEN))}) RETURNING id, at
"""  # noqa: S608 -- names of ours


def record_list(*, actor: models.Model, page: str, keys: Iterable[str]) -> Entry | None:
    """Add one entry for all the subjects that `page`, a word without spaces, showed to `actor`.

    `keys`, of `subject_key`, are sorted: a list's order may be a ranking that readers of the journal must not see.
    Nothing is written for an empty list.
    """
    shown = sorted(set(keys))
    if not shown:
        return None
    return record(actor=actor, action=LIST_SHOWN, subject=None, detail=" ".join([page, *shown]))
