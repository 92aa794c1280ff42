"""Each error that people read has a code, its data, and a sentence in French and in English."""

import inspect
import re
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.translation import override

from intake.accounts.models import User
from intake.base.portal_error import PortalError
from intake.review.access.errors import ReviewError
from intake.review.evidence.errors import PageOutOfBoundsError
from intake.review.models import Claim, DecisionItem, Evidence
from intake.review.pages.labels import stored_message
from intake.submissions.lifecycle.errors import SubmissionError
from intake.submissions.models import Submission
from intake.submissions.states import Action, State
from offers.models import Offer
from offers.services.errors import OfferError

AT = datetime(2031, 5, 4, 12, 30, tzinfo=UTC)
ANN = User(email="ann@exemple.invalid", display_name="Ann")
OFFER = Offer(number="2031-010", organisation="Union des ponts", organisation_short="UP")
DATA_OF_AN_OFFER: dict[str, Any] = {
    "closes_at": AT,
    "closes_on": date(2031, 5, 4),
    "document": "CV",
    "missing": ["NUMBER", "POINTS"],
    "number": 2,
    "problem": "PAGES",
    "resolution": "Vu.",
    "status": "CANCELLED",
}
DATA: dict[str, Any] = {
    "action": Action.SHORTLIST,
    "at": AT,
    "claim": Claim(holder=ANN, claimed_at=AT, expires_at=AT),
    "closes_at": AT,
    "documents": ("CV",),
    "due_at": AT,
    "earliest": AT,
    "file_format": "ods",
    "item": DecisionItem(),
    "language": "eo",
    "last": Evidence(author=ANN, at=AT),
    "limit": "200 Mo",
    "line": 12,
    "lines": (2, 5),
    "missing": ("truth", "share"),
    "most": 50,
    "numbers": ("2031-010-000001-3", "2031-010-000002-6"),
    "pages": 9,
    "position": 1,
    "reason": "STATE",
    "refusal": ReviewError(),
    "refused": {(3, 4): "CONFLICT"},
    "rows": (3, 4),
    "saved_at": AT,
    "sections": ("etudes",),
    "starts_on": AT.date(),
    "state": State.UNDER_REVIEW,
    "submission": Submission(),
    "until": "5 mai",
    "verdict": None,
}
"""A value for each argument of the constructors, by its name."""


def _kinds() -> list[type[PortalError]]:
    """Return the error classes of the product, once its modules are imported."""
    import_module(settings.ROOT_URLCONF)
    for path in _modules_of_errors():
        import_module(".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts))
    kinds = {kind for kind in PortalError.subclasses() if not kind.__module__.startswith("tests.")}
    return sorted(kinds, key=_name)


def _modules_of_errors() -> list[Path]:
    """Return the modules that define an error class: some stand beside their only operation."""
    modules = (path for root in ("intake", "offers") for path in (settings.BASE_DIR / root).rglob("*.py"))
    return sorted(path for path in modules if re.search(r"^class \w+Error\(", path.read_text(), re.MULTILINE))


def _name(kind: type[PortalError]) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def _package(kind: type[PortalError]) -> str:
    first, second, *_others = kind.__module__.split(".")
    return first if first == "offers" else second


KINDS = _kinds()


def _arguments(kind: type[PortalError]) -> dict[str, Any]:
    if issubclass(kind, OfferError):
        return DATA_OF_AN_OFFER
    given = inspect.signature(kind.__init__).parameters.values()
    return {one.name: DATA[one.name] for one in given if one.kind is inspect.Parameter.KEYWORD_ONLY}


def _made(kind: type[PortalError]) -> PortalError:
    return kind(*([OFFER] if issubclass(kind, OfferError) else []), **_arguments(kind))


def test_the_errors_of_every_package_are_among_them() -> None:
    assert {_package(kind) for kind in KINDS} == {
        *("accounts", "offers", "privacy", "register", "review", "submissions")
    }


def test_a_code_names_one_error_of_its_package() -> None:
    named = {(_package(kind), vars(kind).get("code")): kind for kind in KINDS}
    assert [kind for kind in KINDS if named[_package(kind), kind.code] is not kind] == []
    assert [kind for kind in KINDS if "code" not in vars(kind)] == []


@pytest.mark.parametrize("kind", KINDS, ids=_name)
def test_an_error_has_a_sentence_in_french_and_in_english(kind: type[PortalError]) -> None:
    error, said = _made(kind), {}
    for language in ("fr", "en"):
        with override(language):
            said[language] = str(error)
    assert said["fr"].strip()
    assert said["en"].strip()
    assert said["fr"] != said["en"]
    assert not any("%(" in text for text in said.values())


STORED = [
    kind
    for base in (SubmissionError, ReviewError)
    for kind in base.subclasses()
    if kind in KINDS and kind is not PageOutOfBoundsError
]
"""Errors whose code a job may store. A page out of bounds, with a plural, is of a form alone."""


@pytest.mark.parametrize("form", ["bulk_message", "decision_message", "export_message"])
@pytest.mark.parametrize("kind", STORED, ids=_name)
def test_a_stored_code_has_a_sentence(kind: type[PortalError], form: str) -> None:
    said = stored_message(kind.code, form, state=State.SUBMITTED.label)
    assert said.strip()
    assert "%(" not in said


def test_a_code_of_no_error_has_no_sentence() -> None:
    assert stored_message("OF_LATER", "bulk_message") == ""
