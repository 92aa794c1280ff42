"""Every action code that the portal writes in the journal has a label, and every label has such a code."""

import ast
import re

from django.conf import settings

from intake.journal.selectors import action_choices
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
