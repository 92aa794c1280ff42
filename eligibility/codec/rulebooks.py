"""Rulebooks from and to JSON (`docs/contracts.md`). Unknown keys raise: a misread rule gives wrong verdicts."""

from collections.abc import Callable
from dataclasses import fields
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
from eligibility.facts import LegalStatus
from eligibility.rulebook import SCHEMA, Rulebook
from eligibility.verdict import Clause, CriterionKind, Effect

_KEYS = frozenset({"schema", "reference", "starts_on", "closes_on", "criteria"})
_CLAUSE_KEYS = frozenset({"reference", "text"})


def rulebook_from_json(obj: object) -> Rulebook:
    """Read a rulebook. `reference` may be null or absent (an offer without a number), `clause` empty or absent.

    :raises MalformedError: if `obj` has another shape than `docs/contracts.md` gives: an unknown key or kind, a kind
        other than OTHER given twice, a missing or negative number, a maximum below the minimum, or an empty list of
        accepted values.
    """
    values = as_object(obj, "rulebook")
    refuse_unknown(values, _KEYS, "")
    schema = required(values, "schema", "")
    if schema != SCHEMA or type(schema) is not int:
        field = "schema"
        raise MalformedError(field, f"must be {SCHEMA}")
    reference = values.get("reference")
    rulebook = Rulebook(
        reference=None if reference is None else as_text(reference, "reference"),
        starts_on=as_day(required(values, "starts_on", ""), "starts_on"),
        closes_on=as_day(required(values, "closes_on", ""), "closes_on"),
        criteria=tuple(
            _criterion(criterion, f"criteria[{index}]")
            for index, criterion in enumerate(as_array(required(values, "criteria", ""), "criteria"))
        ),
    )
    _refuse_repeated(rulebook)
    return rulebook


def clause_from_json(obj: object, path: str) -> Clause:
    """Read a clause.

    :raises MalformedError: if it is not an object, or has anything but the texts `reference` and `text`.
    """
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


def _several[Value](
    read: Callable[[object, str], Value],
) -> Callable[[object, str], tuple[Value, ...]]:
    """Return the reader of a list of values, each read by `read`."""

    def read_list(value: object, path: str) -> tuple[Value, ...]:
        members = as_array(value, path)
        if not members:
            # An empty list is a mistake of the author: every person would fail, or every person would pass.
            raise MalformedError(path, "must not be empty")
        return tuple(read(member, f"{path}[{index}]") for index, member in enumerate(members))

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
_PARAMETERS: dict[str, Callable[[object, str], Any]] = {
    "effect": lambda value, path: as_choice(Effect, value, path),
    "clause": clause_from_json,
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
