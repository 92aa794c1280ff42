"""Each sentence of a file's page names the day and hour of its own instant, in Québec: no two are the same here."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace as Row
from typing import Any

import pytest
from django.template.loader import render_to_string

from tests.submissions.pages import text_of


def late_on(day: int) -> datetime:
    """Return ten hours and `day` minutes in the evening of a day of May 2031 in Québec: the next day in UTC."""
    return datetime(2031, 5, day + 1, 2, day, tzinfo=UTC)


FILE = Row(
    received_at=late_on(1), public_id="6f1b8a52-3a0c-4f0e-9d55-0a7c9f1de111", version=3, is_incomplete=True
)
NOTHING: dict[str, Any] = {
    "submission": FILE,
    "withdrawal": None,
    "contradicted_since": None,
    "register_match": None,
    "completeness": Row(asked=None, answered=None, is_over=False),
    "reading": Row(payload=None, filing=Row(received_at=late_on(1), filed_later_at=None)),
    "sits": False,
    "checks": Row(outline=None),
    "complement_url": "",
    "kept_query": "",
    "now": late_on(9),
}
ANSWERED = Row(
    asked=None,
    answered=Row(asked_at=late_on(2), ended_at=late_on(3), words="Le relevé."),
    changes=(),
    is_erased=False,
)
ASKED = Row(
    asked=Row(asked_at=late_on(2), asked_by="Ann", words="Le relevé.", documents=Row(all=list)),
    answered=None,
    sections=(),
    closing=late_on(7),
    is_over=True,
)
ORDER = {
    "order": Row(asked_at=late_on(2), expires_at=late_on(3), file_format="csv", language="fr"),
    "url": "/",
    "state": "Prêt",
    "tone": "success",
}
CLAIM = Row(
    claimed_at=datetime(2031, 5, 2, 14, 5, tzinfo=UTC),
    expires_at=datetime(2031, 5, 2, 14, 20, tzinfo=UTC),
    holder="Ann",
    holder_id=1,
)


@pytest.mark.parametrize(
    "part, known, sentence",
    [
        ("banners", {"withdrawal": Row(at=late_on(4), reason="")}, "s’est désistée le 4 mai 2031, 22 h 04"),
        (
            "banners",
            {"register_match": Row(entered_at=late_on(5), position=1)},
            "des participations depuis le 5 mai 2031",
        ),
        ("banners", {"completeness": ANSWERED}, "Complément reçu le 3 mai 2031, 22 h 03"),
        (
            "complement",
            {"completeness": ANSWERED},
            "3 mai 2031, 22 h 03 (heure de l’Est, Québec) — demandé le 2 mai 2031 :",
        ),
        ("complement", {"completeness": ASKED}, "7 mai 2031"),
        ("complement", {"completeness": ASKED}, "2 mai 2031, 22 h 02 (heure de l’Est, Québec), Ann"),
        ("export_orders", {"orders": [ORDER]}, "CSV, en-têtes en français, 2 mai 2031, 22 h 02"),
        ("hand", {"claim": CLAIM, "claim_is_own": True}, "de 10 h 05 à 10 h 20"),
        ("hand", {"claim": CLAIM, "claim_is_own": False}, "Pris en charge par Ann, de 10 h 05 à 10 h 20"),
    ],
)  # fmt: skip -- one case a line
def test_a_sentence_names_its_own_instant(part: str, known: dict[str, Any], sentence: str) -> None:
    page = render_to_string(f"review/parts/{part}.html", NOTHING | known)
    assert sentence in text_of(re.sub(r"</?(time|sup)\b[^>]*>", "", page).encode())
