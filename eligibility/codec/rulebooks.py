"""Rulebooks from and to JSON (`docs/contracts.md`). Unknown keys raise: a misread rule gives wrong verdicts."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum

from eligibility.clause import Clause
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
from eligibility.verdict import CriterionKind, Effect

_KEYS = frozenset({"schema", "reference", "starts_on", "closes_on", "criteria"})
_CLAUSE_KEYS = frozenset({"reference", "text"})


def rulebook_to_json(rulebook: Rulebook) -> dict[str, object]:
    """Return the JSON object of a rulebook, defaults written out."""
    return rulebook.as_json()


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
        field, message = "schema", f"must be {SCHEMA}"
        raise MalformedError(field, message)
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


class _Parameters:
    """The parameters of one criterion, read by name."""

    def __init__(self, values: Mapping[str, object], path: str) -> None:
        self._values = values
        self._path = path
        self.effect = as_choice(Effect, required(values, "effect", path), self.at("effect"))
        self.clause = clause_from_json(values.get("clause", {}), self.at("clause"))

    def at(self, name: str) -> str:
        return key_path(self._path, name)

    def count(self, name: str) -> int:
        return as_count(required(self._values, name, self._path), self.at(name))

    def flag(self, name: str, *, absent: bool) -> bool:
        return as_flag(self._values.get(name, absent), self.at(name))

    def reference_day(self) -> ReferenceDay:
        return as_choice(ReferenceDay, required(self._values, "on", self._path), self.at("on"))

    def codes(self, name: str) -> tuple[str, ...]:
        return tuple(as_code(code, path) for code, path in self._members(name))

    def choices[Choice: StrEnum](self, choices: type[Choice], name: str) -> tuple[Choice, ...]:
        return tuple(as_choice(choices, code, path) for code, path in self._members(name))

    def _members(self, name: str) -> list[tuple[object, str]]:
        members = as_array(required(self._values, name, self._path), self.at(name))
        if not members:
            # An empty list is a mistake of the author: every person would fail, or every person would pass.
            raise MalformedError(self.at(name), "must not be empty")
        return [(member, f"{self.at(name)}[{index}]") for index, member in enumerate(members)]


def _age(given: _Parameters) -> Age:
    minimum, maximum = given.count("minimum"), given.count("maximum")
    if maximum < minimum:
        raise MalformedError(given.at("maximum"), "must not be below minimum")
    return Age(
        effect=given.effect, clause=given.clause, minimum=minimum, maximum=maximum, on=given.reference_day()
    )


def _studies(given: _Parameters) -> Studies:
    return Studies(
        effect=given.effect,
        clause=given.clause,
        degree_window_months=given.count("degree_window_months"),
        finishing_within_months=given.count("finishing_within_months"),
        bar_school=given.flag("bar_school", absent=True),
        professional_order_stage=given.flag("professional_order_stage", absent=True),
    )


def _legal_status(given: _Parameters) -> LegalStatusCriterion:
    accepted = given.choices(LegalStatus, "accepted")
    return LegalStatusCriterion(effect=given.effect, clause=given.clause, accepted=accepted)


def _domicile(given: _Parameters) -> Domicile:
    return Domicile(effect=given.effect, clause=given.clause, provinces=given.codes("provinces"))


def _residence(given: _Parameters) -> Residence:
    months, on = given.count("months"), given.reference_day()
    return Residence(effect=given.effect, clause=given.clause, months=months, on=on)


def _writing(given: _Parameters) -> Writing:
    return Writing(effect=given.effect, clause=given.clause, languages=given.codes("languages"))


def _skills(given: _Parameters) -> Skills:
    return Skills(effect=given.effect, clause=given.clause)


def _once_only(given: _Parameters) -> OnceOnly:
    return OnceOnly(effect=given.effect, clause=given.clause)


def _other(given: _Parameters) -> Other:
    return Other(effect=given.effect, clause=given.clause)


_KINDS: dict[CriterionKind, tuple[type[Criterion], Callable[[_Parameters], Criterion]]] = {
    CriterionKind.STUDIES: (Studies, _studies),
    CriterionKind.AGE: (Age, _age),
    CriterionKind.LEGAL_STATUS: (LegalStatusCriterion, _legal_status),
    CriterionKind.DOMICILE: (Domicile, _domicile),
    CriterionKind.RESIDENCE: (Residence, _residence),
    CriterionKind.WRITING: (Writing, _writing),
    CriterionKind.SKILLS: (Skills, _skills),
    CriterionKind.ONCE_ONLY: (OnceOnly, _once_only),
    CriterionKind.OTHER: (Other, _other),
}


def _criterion(obj: object, path: str) -> Criterion:
    values = as_object(obj, path)
    kind = as_choice(CriterionKind, required(values, "kind", path), key_path(path, "kind"))
    shape, read = _KINDS[kind]
    refuse_unknown(values, {"kind", *(parameter.name for parameter in fields(shape))}, path)
    return read(_Parameters(values, path))
