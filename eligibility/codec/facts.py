"""Facts from and to JSON (`docs/contracts.md`): absent or null means not given; unknown keys are ignored."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from eligibility.codec.json_parsing import (
    MalformedError,
    as_array,
    as_choice,
    as_code,
    as_day,
    as_flag,
    as_object,
    as_text,
    key_path,
)
from eligibility.facts import Facts, LegalStatus, Study, StudyLevel, StudyState


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
        studies=_optional(_studies, values, "studies"),
        bar_school=_flag(values, "bar_school"),
        professional_order_stage=_flag(values, "professional_order_stage"),
        attests_writing=_optional(_attestations, values, "attests_writing"),
        attests_skills=_flag(values, "attests_skills"),
        past_participant=_flag(values, "past_participant"),
        register_match=_flag(values, "register_match"),
    )


def _studies(obj: object, path: str) -> tuple[Study, ...]:
    return tuple(_study(study, f"{path}[{index}]") for index, study in enumerate(as_array(obj, path)))


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
    read: Callable[[object, str], Value], values: Mapping[str, object], key: str, path: str = ""
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
