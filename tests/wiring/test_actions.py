"""Every action and page that the portal writes in the journal has a label, and every label has such a one."""

import ast
import re
from collections.abc import Iterator
from types import CodeType, FunctionType

import pytest
from django.conf import settings
from django.contrib import admin
from django.urls import URLResolver, get_resolver

from intake.journal.models import LIST_SHOWN, Entry
from intake.journal.readings import RecordedList, record_shown
from intake.journal.selectors import _page_labels, action_choices, detail_label
from intake.review.models import Evidence
from intake.submissions.models import Ruling
from intake.submissions.states import Action, HumanReview
from offers.models import OfferChange

BUILT: dict[str, set[str]] = {
    "SUBMISSION_": set(Action),
    "OFFER_": set(OfferChange.Kind.values),
    "FINDING_": set(Ruling.Decision.values),
    "RESERVE_": {HumanReview.LIFTED, HumanReview.UPHELD},
    "EVIDENCE_": set(Evidence.Outcome.values),
}
"""Codes that are composed at run time: prefix, and its possible ends, which cannot be found in the source."""


def _codes_in_source() -> set[str]:
    """Return the codes that the source passes or assigns as an action."""
    found: set[str] = set()
    for package in ("intake", "offers"):
        for file in (settings.BASE_DIR / package).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            constants = _constants(tree)
            for node in ast.walk(tree):
                if isinstance(node, ast.keyword | ast.Assign) and _name(node) == "action":
                    value = node.value
                    found |= _codes(constants.get(value.id, value) if isinstance(value, ast.Name) else value)
        for file in (settings.BASE_DIR / package).rglob("sql/*.sql"):  # what the database itself records
            text = file.read_text(encoding="utf-8")
            found |= set(re.findall(r"INSERT INTO journal_entry[^;]*?'([A-Z]+_[A-Z_]+)'", text))
    return found


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Return the values of the annotated constants of a module, by name."""
    return {
        node.target.id: node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None
    }


def _name(node: ast.keyword | ast.Assign) -> str:
    return (node.arg or "") if isinstance(node, ast.keyword) else getattr(node.targets[0], "id", "")


def _codes(given: ast.expr) -> set[str]:
    if isinstance(given, ast.JoinedStr) and isinstance(given.values[0], ast.Constant):
        start = str(given.values[0].value)
        return {f"{start}{end}" for end in BUILT[start]}
    constants = (node.value for node in ast.walk(given) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str) and re.fullmatch(r"[A-Z_]+", value)}


def test_each_action_code_has_a_label_and_each_label_a_code() -> None:
    named = dict(action_choices())
    assert named.keys() == _codes_in_source()
    assert len(named) > 80
    assert len(set(named.values())) == len(named), "two codes that read alike are one to who looks for either"


INDIRECT = {"admin:index", "officers:export_consents"}
"""A tag of the template records what the dashboard shows; the operation of an export names its page itself."""


def _pages_that_show_persons() -> set[str]:
    """Return the names of the addresses whose view calls `record_shown`, and of those of each `RecordedList`."""
    found = {name for name, view in _views(get_resolver(), ()) if _calls(view, record_shown, set())}
    for model, listed in admin.site._registry.items():
        if isinstance(listed, RecordedList):
            start = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
            found |= {f"{start}{page}" for page in ("changelist", "change", "history")}
    return found | INDIRECT


def _views(resolver: URLResolver, namespaces: tuple[str, ...]) -> Iterator[tuple[str, FunctionType]]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _views(each, (*namespaces, each.namespace) if each.namespace else namespaces)
        elif each.name:
            view = each.callback
            while hasattr(view, "__wrapped__"):
                view = view.__wrapped__
            if isinstance(view, FunctionType):
                yield ":".join([*namespaces, each.name]), view


def _calls(function: FunctionType, target: object, seen: set[object]) -> bool:
    """Return whether `function` names `target`, or another function of the portal that does."""
    if function in seen or not function.__module__.startswith(("intake.", "offers.")):
        return function is target
    seen.add(function)
    for name in _names(function.__code__):
        named = function.__globals__.get(name)
        members = vars(named).values() if isinstance(named, type) else [named]
        if any(
            each is target or (isinstance(each, FunctionType) and _calls(each, target, seen))
            for each in members
        ):
            return True
    return False


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def test_each_page_that_shows_persons_has_a_label_and_each_label_a_page() -> None:
    assert _page_labels.keys() == _pages_that_show_persons()


DETAILS = {
    (LIST_SHOWN, "admin:submissions_submission_changelist a b"): "Candidatures : 2 objets",
    (LIST_SHOWN, "ACCESS_REGISTER_READ a"): "Registre des accès consulté : 1 objet",
    (LIST_SHOWN, ""): "",
    ("ACCESS_REGISTER_READ", "personne=a&par=b&action=SIGNED_IN&du=2027-02-01&au=2027-02-02"): (
        "Personne concernée, Consulté par, Connexion, du 1er février 2027, au 2 février 2027"
    ),
    ("MAIL_OPENED", "WITHDRAWAL_MAIL"): "Confirmation d’un désistement",
    ("ROLE_GIVEN", "STAFF"): "Personnel",
    ("ACCOUNT_CHANGE_APPLIED", "OWN_ADDRESS 12"): "Adresse courriel, par la personne",
    ("SECOND_FACTOR_REMOVED", "totp webauthn"): "Application d’authentification, Clé d’accès",
    ("DOCUMENT_ATTACHED", "TRANSCRIPT"): "Relevé de notes",
    ("ARRIVAL_REFUSED", "A-000012 STALE_DRAFT"): (
        "A-000012 : Le brouillon avait changé dans une autre fenêtre ou sur un autre appareil. (STALE_DRAFT)"
    ),
    ("ARRIVAL_EXPIRED", "A-000012 FORMER_CODE"): "A-000012 FORMER_CODE",
    ("FINDING_CONFIRMED", "DOMICILE"): "Domicile",
    ("EVIDENCE_CONTRADICTED", "DOMICILE"): "Domicile",
    ("BULK_RUN_STARTED", "SHORTLIST"): "Candidature présélectionnée",
    ("INCIDENT_RECORDED", "SERIOUS"): "Risque sérieux",
    ("INCIDENT_UPDATED", "MEASURE"): "Mesure prise",
    ("ROLE_TAKEN", "FORMER_ROLE"): "FORMER_ROLE",
}
"""Details of entries, and what people read."""


@pytest.mark.parametrize("action, detail", DETAILS)
def test_the_codes_of_a_detail_have_labels(action: str, detail: str) -> None:
    read = detail_label(Entry(action=action, detail=detail))
    assert read.replace("\N{NO-BREAK SPACE}", " ") == DETAILS[action, detail]
