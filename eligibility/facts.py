"""The facts about a person that the rules read. None always means "not given", never "no"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from eligibility.canonical import digest


class LegalStatus(StrEnum):
    """A person's status in Canada (JSON key `legal_status`): `docs/rules.md#citizenship`."""

    CITIZEN = "CITIZEN"
    PERMANENT_RESIDENT = "PERMANENT_RESIDENT"
    PROTECTED_PERSON = "PROTECTED_PERSON"
    ASYLUM_CLAIMANT = "ASYLUM_CLAIMANT"
    TEMPORARY_PERMIT = "TEMPORARY_PERMIT"
    OTHER = "OTHER"


class StudyLevel(StrEnum):
    """The level of a programme of study (JSON key `level`): `docs/rules.md#studies`."""

    BACHELOR = "BACHELOR"
    GRADUATE_DIPLOMA = "GRADUATE_DIPLOMA"
    MASTER = "MASTER"
    DOCTORATE = "DOCTORATE"
    OTHER = "OTHER"


class StudyState(StrEnum):
    """Whether a programme is in progress or completed (JSON key `state`): `docs/rules.md#studies`."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One programme of study. `completed_on` is the day of the degree, `expected_on` the day it should end."""

    level: StudyLevel | None = None
    state: StudyState | None = None
    completed_on: date | None = None
    expected_on: date | None = None

    def as_json(self) -> dict[str, object]:
        """Return the JSON object of a study (`docs/contracts.md`): as for `Facts`."""
        return _members(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts about a person that the rules may read; None if not given.

    `studies` distinguishes None (not given) from an empty tuple (no studies). `attests_writing` maps a
    language code to an answer and must not be changed after construction.
    """

    birth_date: date | None = None
    legal_status: LegalStatus | None = None
    domicile_province: str | None = None
    quebec_resident_since: date | None = None
    resident_for_health_insurance: bool | None = None
    resident_for_tax: bool | None = None
    studies: tuple[Study, ...] | None = None
    bar_school: bool | None = None
    professional_order_stage: bool | None = None
    attests_writing: Mapping[str, bool | None] | None = field(default=None, hash=False)
    attests_skills: bool | None = None
    past_participant: bool | None = None
    register_match: bool | None = None

    def as_json(self) -> dict[str, object]:
        """Return the JSON object of the facts (`docs/contracts.md`): absent and null are equal.

        What the first release knew is always written, null if not given. A fact that was added later is written only if
        it is given, so that the digest of older facts stays theirs.
        """
        return _members(self)

    @property
    def digest(self) -> str:
        """The SHA-256 of these facts' canonical JSON, computed at each access."""
        return digest(self.as_json())


_FIRST_RELEASE: Final = frozenset(
    {
        *("birth_date", "legal_status", "domicile_province", "quebec_resident_since", "attests_writing"),
        *("resident_for_health_insurance", "resident_for_tax", "attests_skills", "past_participant"),
        *("studies", "bar_school", "professional_order_stage", "register_match"),
        *("level", "state", "completed_on", "expected_on"),
    }
)
"""Members of facts and studies that are written even if null. Nothing is ever added: sealed digests depend on it."""


def _members(row: Study | Facts) -> dict[str, object]:
    return {
        name: _plain(value)
        for name in row.__dataclass_fields__
        if (value := getattr(row, name)) is not None or name in _FIRST_RELEASE
    }


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [study.as_json() for study in value]
    return dict(value) if isinstance(value, Mapping) else value
