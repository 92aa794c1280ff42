"""The facts about a person that the rules read. None always means "not given", never "no"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

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
        """Return the JSON object of a study (`docs/contracts.md`), every key present."""
        return {
            "level": _code(self.level),
            "state": _code(self.state),
            "completed_on": _iso(self.completed_on),
            "expected_on": _iso(self.expected_on),
        }


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
        """Return the JSON object of the facts (`docs/contracts.md`), every key present: absent and null are equal."""
        return {
            "birth_date": _iso(self.birth_date),
            "legal_status": _code(self.legal_status),
            "domicile_province": self.domicile_province,
            "quebec_resident_since": _iso(self.quebec_resident_since),
            "resident_for_health_insurance": self.resident_for_health_insurance,
            "resident_for_tax": self.resident_for_tax,
            "studies": None if self.studies is None else [study.as_json() for study in self.studies],
            "bar_school": self.bar_school,
            "professional_order_stage": self.professional_order_stage,
            "attests_writing": None if self.attests_writing is None else dict(self.attests_writing),
            "attests_skills": self.attests_skills,
            "past_participant": self.past_participant,
            "register_match": self.register_match,
        }

    @property
    def digest(self) -> str:
        """The SHA-256 of these facts' canonical JSON, computed at each access."""
        return digest(self.as_json())


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _code(choice: StrEnum | None) -> str | None:
    return None if choice is None else choice.value
