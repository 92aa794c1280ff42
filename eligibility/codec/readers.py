"""Facts, rulebooks and verdicts from JSON (`docs/contracts.md`). Each class writes its own with `as_json`.

Facts: absent or null means not given, and unknown keys are ignored. In rulebooks and verdicts, unknown keys raise: a
misread rule gives wrong verdicts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
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
_VERDICT_KEYS = frozenset({"outcome", "rulebook_digest", "facts_digest", "findings"})
_FINDING_KEYS = frozenset(
    {"kind", "outcome", "effect", "observed", "reason_fr", "reason_en", "would_pass", "clause"}
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


type _Reader[Value] = Callable[[object, str], Value]
"""Read a value at a path."""


def _each[Value](read: _Reader[Value], value: object, path: str) -> tuple[Value, ...]:
    """Return the members of a JSON array, each read by `read`."""
    return tuple(read(member, f"{path}[{index}]") for index, member in enumerate(as_array(value, path)))


# -- Facts -------------------------------------------------------------------------------------------------------
def facts_from_json(obj: object) -> Facts:
    """Read a person's facts.

    :raises MalformedError: if a known key has a value of another shape (a bad date, an unknown level).
    """
    values = as_object(obj, "facts")
    return Facts(
        birth_date=_day(values, "birth_date"),
        legal_status=_choice(LegalStatus, values, "legal_status"),
        domicile_province=_optional(as_code, values, "domicile_province"),
        quebec_resident_since=_day(values, "quebec_resident_since"),
        resident_for_health_insurance=_flag(values, "resident_for_health_insurance"),
        resident_for_tax=_flag(values, "resident_for_tax"),
        studies=_optional(lambda value, path: _each(_study, value, path), values, "studies"),
        bar_school=_flag(values, "bar_school"),
        professional_order_stage=_flag(values, "professional_order_stage"),
        attests_writing=_optional(_attestations, values, "attests_writing"),
        attests_skills=_flag(values, "attests_skills"),
        past_participant=_flag(values, "past_participant"),
        register_match=_flag(values, "register_match"),
    )


def _study(obj: object, path: str) -> Study:
    values = as_object(obj, path)
    return Study(
        level=_choice(StudyLevel, values, "level", path),
        state=_choice(StudyState, values, "state", path),
        completed_on=_day(values, "completed_on", path),
        expected_on=_day(values, "expected_on", path),
    )


def _attestations(obj: object, path: str) -> dict[str, bool | None]:
    answers: dict[str, bool | None] = {}
    for key, answer in as_object(obj, path).items():
        field = key_path(path, key)
        code = as_text(key, field)
        if code in answers:
            raise MalformedError(field, "is given twice in the same object")
        answers[code] = None if answer is None else as_flag(answer, field)
    return answers


def _optional[Value](
    read: _Reader[Value], values: Mapping[str, object], key: str, path: str = ""
) -> Value | None:
    value = values.get(key)
    return None if value is None else read(value, key_path(path, key))


def _day(values: Mapping[str, object], key: str, path: str = "") -> date | None:
    return _optional(as_day, values, key, path)


def _flag(values: Mapping[str, object], key: str, path: str = "") -> bool | None:
    return _optional(as_flag, values, key, path)


def _choice[Choice: StrEnum](
    choices: type[Choice], values: Mapping[str, object], key: str, path: str = ""
) -> Choice | None:
    return _optional(lambda code, field: as_choice(choices, code, field), values, key, path)


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
        criteria=_each(_criterion, required(values, "criteria", ""), "criteria"),
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


def _several[Value](read: _Reader[Value]) -> _Reader[tuple[Value, ...]]:
    """Return the reader of a list of values, each read by `read`."""

    def read_list(value: object, path: str) -> tuple[Value, ...]:
        members = _each(read, value, path)
        if not members:
            # An empty list is a mistake of the author: every person would fail, or every person would pass.
            raise MalformedError(path, "must not be empty")
        return members

    return read_list


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
    "effect": lambda value, path: as_choice(Effect, value, path),
    "clause": _clause,
    "degree_window_months": as_count,
    "finishing_within_months": as_count,
    "bar_school": as_flag,
    "professional_order_stage": as_flag,
    "minimum": as_count,
    "maximum": as_count,
    "on": lambda value, path: as_choice(ReferenceDay, value, path),
    "accepted": _several(lambda value, path: as_choice(LegalStatus, value, path)),
    "provinces": _several(as_code),
    "months": as_count,
    "languages": _several(as_code),
}
"""How each parameter of a criterion is read."""
_OPTIONAL: dict[str, object] = {"clause": {}, "bar_school": True, "professional_order_stage": True}
"""The parameters that may be absent, and what that means."""


def _criterion(obj: object, path: str) -> Criterion:
    values = as_object(obj, path)
    kind = as_choice(CriterionKind, required(values, "kind", path), key_path(path, "kind"))
    shape = _KINDS[kind]
    names = [parameter.name for parameter in fields(shape)]
    refuse_unknown(values, {"kind", *names}, path)
    given: dict[str, Any] = {}
    for name in names:
        given[name] = _PARAMETERS[name](required(_OPTIONAL | values, name, path), key_path(path, name))
        if name == "maximum" and given["maximum"] < given["minimum"]:
            raise MalformedError(key_path(path, name), "must not be below minimum")
    return shape(**given)


# -- Verdicts ----------------------------------------------------------------------------------------------------
def verdict_from_json(obj: object) -> Verdict:
    """Read a verdict that `Verdict.as_json` wrote. It is not recomputed from rulebook and facts.

    :raises MalformedError: if `obj` has another shape than `docs/contracts.md` gives.
    """
    values = as_object(obj, "verdict")
    refuse_unknown(values, _VERDICT_KEYS, "")
    return Verdict(
        outcome=as_choice(VerdictOutcome, required(values, "outcome", ""), "outcome"),
        rulebook_digest=_digest(values, "rulebook_digest"),
        facts_digest=_digest(values, "facts_digest"),
        findings=_each(_finding, required(values, "findings", ""), "findings"),
    )


def _finding(obj: object, path: str) -> Finding:
    values = as_object(obj, path)
    refuse_unknown(values, _FINDING_KEYS, path)

    def at(key: str) -> tuple[object, str]:
        return required(values, key, path), key_path(path, key)

    return Finding(
        kind=as_choice(CriterionKind, *at("kind")),
        outcome=as_choice(Outcome, *at("outcome")),
        effect=as_choice(Effect, *at("effect")),
        observed=as_object(*at("observed")),
        reason_fr=as_text(*at("reason_fr")),
        reason_en=as_text(*at("reason_en")),
        would_pass=as_object(*at("would_pass")),
        clause=_clause(*at("clause")),
    )


def _digest(values: dict[str, object], key: str) -> str:
    text = as_text(required(values, key, ""), key)
    if not _DIGEST.fullmatch(text):
        raise MalformedError(key, "must be sha256: and 64 hexadecimal digits")
    return text
