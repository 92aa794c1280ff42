"""Facts, rulebooks and verdicts from JSON (`docs/contracts.md`). Each class writes its own with `as_json`.

Facts: absent or null means not given, and unknown keys are ignored. In rulebooks and verdicts, unknown keys raise: a
misread rule gives wrong verdicts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any

from eligibility.codec.json_parsing import (
    MalformedError,
    as_array,
    as_choice,
    as_code,
    as_count,
    as_day,
    as_flag,
    as_object,
    as_text,
    key_path,
    refuse_unknown,
    required,
)
from eligibility.criteria.age import Age
from eligibility.criteria.attestations import OnceOnly, Skills, Writing
from eligibility.criteria.base import Criterion, ReferenceDay
from eligibility.criteria.legal_status import Domicile, LegalStatusCriterion
from eligibility.criteria.other import Other
from eligibility.criteria.residence import Residence
from eligibility.criteria.studies import Studies
from eligibility.facts import Facts, LegalStatus, Study, StudyLevel, StudyState
from eligibility.rulebook import SCHEMA, Rulebook
from eligibility.verdict import (
    Clause,
    CriterionKind,
    Effect,
    Finding,
    Outcome,
    Verdict,
    VerdictOutcome,
)

_RULEBOOK_KEYS = frozenset({"schema", "reference", "starts_on", "closes_on", "criteria"})
_CLAUSE_KEYS = frozenset({"reference", "text"})
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

type _Reader[Value] = Callable[[object, str], Value]
"""Read a value at a path."""


def _choice[Choice: StrEnum](choices: type[Choice]) -> _Reader[Choice]:
    return lambda value, path: as_choice(choices, value, path)


def _each[Value](read: _Reader[Value]) -> _Reader[tuple[Value, ...]]:
    """Return the reader of an array whose members `read` reads."""

    def read_array(value: object, path: str) -> tuple[Value, ...]:
        members = enumerate(as_array(value, path))
        return tuple(read(member, f"{path}[{index}]") for index, member in members)

    return read_array


def _some[Value](read: _Reader[Value]) -> _Reader[tuple[Value, ...]]:
    """Return the reader of an array that is not empty."""

    def read_array(value: object, path: str) -> tuple[Value, ...]:
        members = _each(read)(value, path)
        if not members:
            # An empty list is a mistake of the author: every person would fail, or every person would pass.
            raise MalformedError(path, "must not be empty")
        return members

    return read_array


# -- Facts -------------------------------------------------------------------------------------------------------
def facts_from_json(obj: object) -> Facts:
    """Read a person's facts.

    :raises MalformedError: if a known key has a value of another shape (a bad date, an unknown level).
    """
    return Facts(**_given(_FACTS, as_object(obj, "facts"), ""))


def _given(readers: Mapping[str, _Reader[Any]], values: Mapping[str, object], path: str) -> dict[str, Any]:
    """Return the values that are neither absent nor null, each read by the reader of its key."""
    return {
        key: read(values[key], key_path(path, key))
        for key, read in readers.items()
        if values.get(key) is not None
    }


def _study(obj: object, path: str) -> Study:
    return Study(**_given(_STUDY, as_object(obj, path), path))


def _attestations(obj: object, path: str) -> dict[str, bool | None]:
    answers: dict[str, bool | None] = {}
    for key, answer in as_object(obj, path).items():
        field = key_path(path, key)
        code = as_text(key, field)
        if code in answers:
            raise MalformedError(field, "is given twice in the same object")
        answers[code] = None if answer is None else as_flag(answer, field)
    return answers


_STUDY: dict[str, _Reader[Any]] = {
    "level": _choice(StudyLevel),
    "state": _choice(StudyState),
    "completed_on": as_day,
    "expected_on": as_day,
}
_FACTS: dict[str, _Reader[Any]] = {
    "birth_date": as_day,
    "legal_status": _choice(LegalStatus),
    "domicile_province": as_code,
    "quebec_resident_since": as_day,
    "resident_for_health_insurance": as_flag,
    "resident_for_tax": as_flag,
    "studies": _each(_study),
    "bar_school": as_flag,
    "professional_order_stage": as_flag,
    "attests_writing": _attestations,
    "attests_skills": as_flag,
    "past_participant": as_flag,
    "register_match": as_flag,
}


# -- Rulebooks ---------------------------------------------------------------------------------------------------
def rulebook_from_json(obj: object) -> Rulebook:
    """Read a rulebook. `reference` may be null or absent (an offer without a number), `clause` empty or absent.

    :raises MalformedError: if `obj` has another shape than `docs/contracts.md` gives: an unknown key or kind, a kind
        other than OTHER given twice, a missing or negative number, a maximum below the minimum, or an empty list of
        accepted values.
    """
    values = as_object(obj, "rulebook")
    refuse_unknown(values, _RULEBOOK_KEYS, "")
    schema = required(values, "schema", "")
    if schema != SCHEMA or type(schema) is not int:
        field = "schema"
        raise MalformedError(field, f"must be {SCHEMA}")
    reference = values.get("reference")
    rulebook = Rulebook(
        reference=None if reference is None else as_text(reference, "reference"),
        starts_on=as_day(required(values, "starts_on", ""), "starts_on"),
        closes_on=as_day(required(values, "closes_on", ""), "closes_on"),
        criteria=_each(_criterion)(required(values, "criteria", ""), "criteria"),
    )
    _refuse_repeated(rulebook)
    return rulebook


def _clause(obj: object, path: str) -> Clause:
    values = as_object(obj, path)
    refuse_unknown(values, _CLAUSE_KEYS, path)
    texts = {key: as_text(value, key_path(path, key)) for key, value in values.items()}
    return Clause(texts.get("reference"), texts.get("text"))


def _refuse_repeated(rulebook: Rulebook) -> None:
    seen: set[CriterionKind] = set()
    for index, criterion in enumerate(rulebook.criteria):
        if criterion.kind in seen and criterion.kind is not CriterionKind.OTHER:
            field = f"criteria[{index}].kind"
            raise MalformedError(field, f"{criterion.kind} is given twice; only OTHER may repeat")
        seen.add(criterion.kind)


_KINDS: dict[CriterionKind, type[Criterion]] = {
    CriterionKind.STUDIES: Studies,
    CriterionKind.AGE: Age,
    CriterionKind.LEGAL_STATUS: LegalStatusCriterion,
    CriterionKind.DOMICILE: Domicile,
    CriterionKind.RESIDENCE: Residence,
    CriterionKind.WRITING: Writing,
    CriterionKind.SKILLS: Skills,
    CriterionKind.ONCE_ONLY: OnceOnly,
    CriterionKind.OTHER: Other,
}
_PARAMETERS: dict[str, _Reader[Any]] = {
    "effect": _choice(Effect),
    "clause": _clause,
    "degree_window_months": as_count,
    "finishing_within_months": as_count,
    "bar_school": as_flag,
    "professional_order_stage": as_flag,
    "minimum": as_count,
    "maximum": as_count,
    "on": _choice(ReferenceDay),
    "accepted": _some(_choice(LegalStatus)),
    "provinces": _some(as_code),
    "months": as_count,
    "languages": _some(as_code),
}
"""How each parameter of a criterion is read."""
_OPTIONAL: dict[str, object] = {"clause": {}, "bar_school": True, "professional_order_stage": True}
"""The parameters that may be absent, and what that means."""


def _criterion(obj: object, path: str) -> Criterion:
    values = as_object(obj, path)
    kind = as_choice(CriterionKind, required(values, "kind", path), key_path(path, "kind"))
    shape = _KINDS[kind]
    defaults = {each.name: each.default for each in fields(shape)}
    refuse_unknown(values, {"kind", *defaults}, path)
    given: dict[str, Any] = {}
    for name, default in defaults.items():
        if name not in values and default is not MISSING:
            continue
        given[name] = _PARAMETERS[name](required(_OPTIONAL | values, name, path), key_path(path, name))
        if name == "maximum" and given["maximum"] < given["minimum"]:
            raise MalformedError(key_path(path, name), "must not be below minimum")
    return shape(**given)


# -- Verdicts ----------------------------------------------------------------------------------------------------
def verdict_from_json(obj: object) -> Verdict:
    """Read a verdict that `Verdict.as_json` wrote. It is not recomputed from rulebook and facts.

    :raises MalformedError: if `obj` has another shape than `docs/contracts.md` gives.
    """
    return Verdict(**_complete(_VERDICT, as_object(obj, "verdict"), ""))


def _complete(readers: Mapping[str, _Reader[Any]], values: Mapping[str, object], path: str) -> dict[str, Any]:
    """Return the values of an object that has all these keys and no other."""
    refuse_unknown(values, readers, path)
    return {key: read(required(values, key, path), key_path(path, key)) for key, read in readers.items()}


def _finding(obj: object, path: str) -> Finding:
    return Finding(**_complete(_FINDING, as_object(obj, path), path))


def _digest(value: object, path: str) -> str:
    text = as_text(value, path)
    if not _DIGEST.fullmatch(text):
        raise MalformedError(path, "must be sha256: and 64 hexadecimal digits")
    return text


_FINDING: dict[str, _Reader[Any]] = {
    "kind": _choice(CriterionKind),
    "outcome": _choice(Outcome),
    "effect": _choice(Effect),
    "observed": as_object,
    "reason_fr": as_text,
    "reason_en": as_text,
    "would_pass": as_object,
    "clause": _clause,
}
_VERDICT: dict[str, _Reader[Any]] = {
    "outcome": _choice(VerdictOutcome),
    "rulebook_digest": _digest,
    "facts_digest": _digest,
    "findings": _each(_finding),
}
