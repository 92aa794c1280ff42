"""The PDFs of the portal in their hard forms, drawn once per run in this process."""

import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import weasyprint
from django.template.loader import render_to_string
from django.utils import translation
from PIL import Image

from intake.dossiers.render import (
    DocumentSource,
    TableColumn,
    render_anonymous_dossier,
    render_dossier,
    render_html,
    render_receipt,
    render_table,
)
from intake.dossiers.sealed_payload import Payload
from intake.review.access.anonymous_review import mask_payload
from tests.dossiers.in_process import draw_in_process
from tests.factories.files import pdf_bytes
from tests.factories.payloads import payload, person, verdict
from tests.factories.receipts import DIGEST, NUMBER, facts

AT: Final = datetime(2026, 9, 30, 18, 32, 5, tzinfo=UTC)
SYMBOLS: Final = "Diplômée 🎓 ✅ 🧿 👩‍🔬 🇨🇦 1️⃣ 𝒳 → ☃ فاطمة 小 さ 민 झा 姅 \ue000 x\u0301 efficace"
"""Emoji, sequences of emoji, other scripts, and characters that no font has."""
LINE: Final = "Un paragraphe que rien ne raccourcit, et qui continue encore un peu. "


def with_answer(made: Payload, value: str) -> Payload:
    """Return `made` with `value` as first answer of its second section."""
    first, second, *others = made.sections
    answer = replace(second.answers[0], value=value)
    return replace(made, sections=(first, replace(second, answers=(answer, *second.answers[1:])), *others))


def photograph() -> bytes:
    """Return a PDF of one picture, as the portal makes of a photograph."""
    out = io.BytesIO()
    Image.new("RGB", (600, 800), "#c8d0dc").save(out, "PDF")
    return out.getvalue()


def word_processed() -> bytes:
    """Return a PDF whose fonts are embedded and whose marks have tags."""
    page = "<html lang=fr><title>Lettre</title><body><h1>Lettre</h1><p>Madame, Monsieur,</p></body></html>"
    return bytes(weasyprint.HTML(string=page).write_pdf(pdf_tags=True))


def dossier(made: Payload, *documents: tuple[str, bytes, int]) -> bytes:
    """Return the dossier of `made` with `documents`: label, content, pages."""
    with tempfile.TemporaryDirectory() as room, draw_in_process():
        sources = []
        for rank, (label, content, pages) in enumerate(documents):
            path = Path(room) / f"{rank}.pdf"
            path.write_bytes(content)
            sources.append(DocumentSource(label=label, path=path, pages=pages))
        return render_dossier(made, number=NUMBER, received_at=AT, digest=DIGEST, sources=sources).content


def anonymous(made: Payload) -> bytes:
    """Return the dossier of `made` for an anonymous review."""
    with draw_in_process():
        return render_anonymous_dossier(
            mask_payload(made), number=NUMBER, received_at=AT, documents=made.documents
        )


def _hard() -> bytes:
    made = payload(
        person=person(first_name="Zoé 🎉 " * 3, last_name="Wolfeschlegelsteinhausenbergerdorff " * 2),
        verdict=verdict("INELIGIBLE", last="NOT_MET"),
        review_message="Mon acte de naissance dit 2001.\nVoyez la page 2.",
    )
    return dossier(
        with_answer(made, f"{SYMBOLS}\n" + LINE * 60),
        ("Relevé de notes", photograph(), 1),
        ("Lettre", word_processed(), 1),
        ("Preuve", b"%PDF-1.7 rien", 1),
    )


def _receipt(*, in_english_too: bool) -> bytes:
    with draw_in_process():
        return render_receipt(
            with_answer(payload(person=person(first_name="Zoé 🎉")), SYMBOLS),
            facts=facts(),
            address="https://exemple.invalid/verifier/",
            in_english_too=in_english_too,
        )


def _table(language: str) -> bytes:
    with translation.override(language), draw_in_process():
        return render_table(
            title="Liste",
            subject="2027-020 — UNESCO",
            portal="Portail",
            facts=[("Produite le", "30 septembre"), ("Personnes", "45")],
            columns=[TableColumn("Rang", 21), TableColumn("Nom", 110), TableColumn("Université", 110)],
            rows=[(str(rank), f"Tremblay, Zoé 🎓 {rank}", "Université Laval") for rank in range(1, 46)],
        )


def _own_data(language: str) -> bytes:
    offer = SimpleNamespace(
        number="2027-020", organisation="Organisation", organisation_short="", zone=AT.tzinfo
    )
    filing = SimpleNamespace(receipt=SimpleNamespace(number=NUMBER), received_at=AT)
    submission = SimpleNamespace(offer=offer, standing_filing=filing)
    held = SimpleNamespace(
        profile=[SimpleNamespace(label=f"Question {rank}", value=SYMBOLS) for rank in range(30)],
        applications=[(SimpleNamespace(submission=submission, label="Reçue"), date(2028, 1, 1))],
        documents=[SimpleNamespace(original_name="cv.pdf", size=18_432, created_at=AT)],
        mails=[SimpleNamespace(subject="Votre accusé de réception", sent_at=AT)],
        consents=[SimpleNamespace(version="2026-11", at=AT, is_sealed=True, text="J’ai lu l’avis.")],
        addresses=[],
    )
    context = {
        "title": "Mes renseignements",
        "portal": "Portail",
        "held": held,
        "user": SimpleNamespace(email="zoe@exemple.invalid", date_joined=AT, last_login=AT),
        "made_on": date(2026, 11, 29),
        "officer": SimpleNamespace(name="X", title="Responsable", email="x@exemple.invalid"),
        "row": "pdf/_own_row.html",
    }
    with translation.override(language), draw_in_process():
        return render_html(render_to_string("pdf/own_data.html", context))


_SAMPLES: Final[dict[str, Callable[[], bytes]]] = {
    "dossier": _hard,
    "anonymous dossier": lambda: anonymous(with_answer(payload(), f"{SYMBOLS}\n" + LINE * 60)),
    "receipt in both languages": lambda: _receipt(in_english_too=True),
    "list in English": lambda: _table("en"),
    "own data in English": lambda: _own_data("en"),
}
_OTHERS: Final[dict[str, Callable[[], bytes]]] = {
    "plain dossier": lambda: dossier(payload()),
    "dossier without documents or answers": lambda: dossier(payload(documents=(), sections=())),
    "dossier of forty pages": lambda: dossier(payload(), *[("Mémoire", photograph(), 1)] * 40),
    "receipt in French": lambda: _receipt(in_english_too=False),
    "list in French": lambda: _table("fr"),
    "own data in French": lambda: _own_data("fr"),
}
NAMES: Final = tuple(_SAMPLES)
OTHER_NAMES: Final = tuple(_OTHERS)
ARCHIVAL: Final = ("receipt in both languages", "own data in English")


@cache
def sample(name: str) -> bytes:
    """Return the PDF `name`, of `NAMES` or `OTHER_NAMES`."""
    return (_SAMPLES | _OTHERS)[name]()


def document_of_fonts() -> bytes:
    """Return a PDF whose font is not embedded."""
    return pdf_bytes(1)
