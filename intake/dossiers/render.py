"""Render a payload as PDF: a template here, then a child process that lays it out and appends the documents.

WeasyPrint and untrusted documents are processed only in the child, which has resource limits and no network and may be
killed. Its input is HTML and a list of files; its output is one file.
"""

import io
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from eligibility.bilingual import about_candidate
from intake.base.numbers import WrittenNumber
from intake.documents.isolated_process import ProcessTimeoutError, run_isolated
from intake.documents.temp_dirs import temporary_directory
from intake.dossiers.child.sandbox import DRAWING
from intake.dossiers.receipts.statement import ReceiptStatement
from offers.criterion_labels import criterion_names

from .other_scripts import fonts_for, style_of
from .sealed_payload import Payload, SealedDocument

WALL_SECONDS = 90
_STYLE_SHEETS = ("pdf-fonts.css", "pdf.css")
_FONT_FILES = {
    f"{family}-{script}-{weight}-normal.woff": (f"@fontsource/{family}/files", f"{family}/files")
    for family, weights in (("open-sans", (400, 600, 700)), ("roboto", (500, 700)))
    for weight in weights
    for script in ("latin", "latin-ext")
} | {"NotoEmoji_400Regular.ttf": ("@expo-google-fonts/noto-emoji/400Regular", "noto-emoji")}
"""Fonts of the style sheet, with their folders in node_modules and among the collected static files."""


class OutcomeLabel(NamedTuple):
    """French label of the code of a verdict or finding, and its tone."""

    label: str | Promise
    tone: str
    """Colour: `met`, `human`, `not-met` or `unknown`."""


OUTCOMES: dict[str, OutcomeLabel] = {
    "MET": OutcomeLabel(gettext_lazy("Respecté"), "met"),
    "NOT_MET": OutcomeLabel(gettext_lazy("Non respecté"), "not-met"),
    "UNKNOWN": OutcomeLabel(gettext_lazy("Réponse manquante"), "unknown"),
    "HUMAN": OutcomeLabel(gettext_lazy("À examiner par une personne"), "human"),
}
VERDICTS: dict[str, OutcomeLabel] = {
    "ELIGIBLE": OutcomeLabel(gettext_lazy("Admissible d’après les réponses déposées"), "met"),
    "NEEDS_REVIEW": OutcomeLabel(gettext_lazy("Une personne examinera un critère"), "human"),
    "INCOMPLETE": OutcomeLabel(gettext_lazy("Il manque des réponses pour conclure"), "unknown"),
    "INELIGIBLE": OutcomeLabel(
        gettext_lazy("Non admissible d’après les réponses ; révision demandée"), "not-met"
    ),
}


class RenderError(Exception):
    """The child process failed to generate a PDF."""

    code = "RENDER_FAILED"


class RenderLimitError(RenderError):
    """The child process reached a limit of time, memory or size."""

    code = "RENDER_LIMIT"


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """A cleaned PDF to append, with its number of pages and the label of its bookmark."""

    label: str
    path: Path
    pages: int


@dataclass(frozen=True, slots=True)
class RedactedSource:
    """The redacted pages of a document to append, as JPEG, with the label of its bookmark."""

    label: str
    pictures: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    """A PDF, its number of pages, and the labels of the documents that were replaced by a page."""

    content: bytes
    pages: int
    replaced: tuple[str, ...]
    starts: tuple[int, ...] = ()
    """First page, from 1, of each source, in order."""


def render_dossier(
    payload: Payload,
    *,
    number: str,
    received_at: datetime,
    digest: str,
    sources: Sequence[DocumentSource],
    cpu_seconds: int = DRAWING.cpu_seconds,
) -> RenderedPdf:
    """Return the dossier: a cover from `payload`, then every source with bookmark and tags, without active content.

    Always in French, for the committee. A source that cannot be read or does not have its number of pages is replaced
    by a page that states it.

    :raises RenderError: if no PDF was generated within `cpu_seconds` (at most 30; the loading of libraries does not
        count), 1 GiB of address space and 90 s of wall clock.
    """
    with translation.override("fr"):
        title = _("Dossier %(number)s — %(name)s")
        html = render_to_string("pdf/cover.html", _context(title, payload, number, received_at, digest))
        return _run_child(
            html=html,
            parts=[
                _part(rank, source.label, [source.path], source.pages)
                for rank, source in enumerate(sources, start=1)
            ],
            cpu_seconds=cpu_seconds,
        )


def render_anonymous_dossier(
    masked: Payload,
    *,
    number: str,
    received_at: datetime,
    documents: Sequence[SealedDocument],
    redacted: Sequence[RedactedSource] = (),
) -> bytes:
    """Return the dossier for an anonymous review: verdict, offer and the answers of `masked`, without the candidate.

    `masked` is the part of a sealed payload that such a review shows. Of each criterion only the outcome and the
    offer's clause are printed, of `documents` only label and number of pages; then follow the `redacted` pages. The
    same input gives the same bytes.

    :raises RenderError: see `render_dossier`.
    """
    with translation.override("fr"):
        title = _("Dossier anonyme %(number)s") % {"number": number}
        shown = replace(masked, extension=None, complement=None, review_message="")
        context = _context(title, shown, number, received_at, "")
        for finding in context["findings"]:
            del finding["reason"]
        context |= {
            "person": None,
            "documents": [{"label": row.label, "pages": row.pages} for row in documents],
            "redacted": redacted,
        }
        return _run_child(
            html=render_to_string("pdf/anonymous.html", context),
            parts=[
                _part(rank, source.label, source.pictures, len(source.pictures))
                for rank, source in enumerate(redacted, start=1)
            ],
        ).content


def _part(rank: int, label: str, paths: Sequence[Path], pages: int) -> dict[str, Any]:
    """Return the job's part about one document: its PDF, or a picture for each of its pages."""
    titles = [
        _("%(label)s, page %(page)s sur %(pages)s") % {"label": label, "page": page, "pages": pages}
        for page in range(1, pages + 1)
    ]
    context = {"rank": rank, "label": label, "pages": pages}
    return {
        "label": label,
        "paths": [str(path.resolve()) for path in paths],
        "titles": titles,
        "strips": [
            render_to_string("pdf/_strip.html", context | {"page": page, "title": title})
            for page, title in enumerate(titles, start=1)
        ],
        "replacement": render_to_string("pdf/_replaced.html", context),
    }


def render_receipt(payload: Payload, *, facts: ReceiptStatement, address: str, in_english_too: bool) -> bytes:
    """Return the unsigned receipt: one page with the filing's statement and every digest.

    In French, then in English too if `in_english_too`. It displays `address`, where it is verified, and contains
    `facts` as metadata.

    :raises RenderError: see `render_dossier`.
    """
    with translation.override("fr"):
        title = _("Accusé de réception %(number)s — %(name)s")
        context = _context(title, payload, facts.number, facts.received, facts.seal)
        context |= {"code": facts.code, "address": address, "in_english_too": in_english_too}
        html = render_to_string("pdf/receipt.html", context)
        receipt = {
            "facts": facts.canonical().decode(),
            "words": _("Signature numérique du portail"),
        }
        drawing = segno.make(address, error="m", boost_error=False)
        code = io.BytesIO()
        drawing.save(code, kind="svg", border=0, dark="#223654", xmldecl=False, unit=None, omitsize=True)
        return _run_child(
            html=html, parts=[], archival=True, receipt=receipt, drawings={"code.svg": code.getvalue()}
        ).content


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a table. `width` in millimetres; the page has 241."""

    header: str
    width: int


def render_table(
    *,
    title: str,
    subject: str,
    portal: str,
    facts: Sequence[tuple[str, str]],
    columns: Sequence[TableColumn],
    rows: Sequence[Sequence[str]],
) -> bytes:
    """Return a tagged PDF of a table in the active language: title, facts about the list, rows.

    Letter paper, landscape; the header row is repeated on every page. Deterministic: the same input gives the same
    bytes. 1,000 rows of ten cells take about half of the CPU limit.

    :raises RenderError: see `render_dossier`.
    """
    context = {
        "title": title,
        "subject": subject,
        "portal": portal,
        "facts": facts,
        "columns": columns,
        "rows": rows,
    }
    return _run_child(html=render_to_string("pdf/table.html", context), parts=[]).content


def render_html(html: str) -> bytes:
    """Return the tagged PDF of a page of `templates/pdf/`, as PDF/A too; its language and title are those of `html`.

    :raises RenderError: see `render_dossier`.
    """
    return _run_child(html=html, parts=[], archival=True).content


def _context(title: str, payload: Payload, number: str, received_at: datetime, digest: str) -> dict[str, Any]:
    sealed = payload.verdict["findings"]
    names = criterion_names(finding["kind"] for finding in sealed)
    findings = [
        {
            "criterion": name,
            "outcome": OUTCOMES[finding["outcome"]],
            "advisory": finding["effect"] == "ADVISE",
            "reason": about_candidate(finding["reason_fr"]),
            "clause": finding["clause"],
        }
        for name, finding in zip(names, sealed, strict=True)
    ]
    call = payload.call
    zone = ZoneInfo(call.time_zone)
    return {
        "title": title % {"number": number, "name": payload.person.full_name},
        "payload": payload,
        "person": payload.person,
        "call": call,
        "dates_label": call.dates_label or _("Dates du stage"),
        "starts_on": _day(call.starts_on),
        "ends_on": _day(call.ends_on),
        "closes_at": datetime.fromisoformat(call.closes_at).astimezone(zone),
        "verdict": VERDICTS[payload.verdict["outcome"]],
        "findings": findings,
        "tally": _tally(finding["outcome"] for finding in sealed),
        "number": number,
        "received_at": received_at.astimezone(zone),
        "digest": digest,
        "portal": call.programme or settings.PORTAL_NAME,
    }


def _tally(outcomes: Iterable[str]) -> str:
    """Return the number of criteria of each outcome, as a sentence."""
    counts = Counter(outcomes)
    said = {
        "MET": ngettext_lazy("%s critère respecté", "%s critères respectés"),
        "NOT_MET": ngettext_lazy("%s critère non respecté", "%s critères non respectés"),
        "UNKNOWN": ngettext_lazy("%s réponse manquante", "%s réponses manquantes"),
        "HUMAN": ngettext_lazy(
            "%s critère à examiner par une personne", "%s critères à examiner par une personne"
        ),
    }
    return ", ".join(
        words % WrittenNumber(counts[outcome]) for outcome, words in said.items() if counts[outcome]
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _run_child(
    *,
    html: str,
    parts: list[dict[str, Any]],
    archival: bool = False,
    receipt: dict[str, str] | None = None,
    drawings: Mapping[str, bytes] | None = None,
    cpu_seconds: int = DRAWING.cpu_seconds,
) -> RenderedPdf:
    with temporary_directory("render") as room:
        added = fonts_for(
            "".join([html, *(text for part in parts for text in (*part["strips"], part["replacement"]))])
        )
        if added:
            html = html.replace("</head>", f"<style>{style_of(list(added))}</style></head>", 1)
        before, _mark, after = html.partition("</body>")
        usual = _assets()
        as_of = [Path(path).stat().st_mtime for path in usual.values()]
        assets = usual | {name: str(path) for name, path in added.items()}
        for name, content in (drawings or {}).items():
            (room / name).write_bytes(content)
            assets[name] = str(room / name)
        job = {
            "before": before,
            "after": f"</body>{after}",
            "assets": assets,
            "parts": parts,
            "archival": archival,
            "receipt": receipt,
            "cpu_seconds": cpu_seconds,
        }
        (room / "job.json").write_text(json.dumps(job), encoding="utf-8")
        # Fixed date: the same payload gives the same bytes at any time.
        environment = {"SOURCE_DATE_EPOCH": "0"}
        if "FONTCONFIG_PATH" in os.environ:
            environment["FONTCONFIG_PATH"] = os.environ["FONTCONFIG_PATH"]
        try:
            ended = run_isolated(
                "intake.dossiers.child",
                str(room),
                room=room,
                seconds=WALL_SECONDS,
                environment=environment,
                readable=[
                    Path(path)
                    for path in (*assets.values(), *(path for part in parts for path in part["paths"]))
                ],
                prepared=json.dumps({"assets": usual, "as_of": as_of}),
            )
        except ProcessTimeoutError as error:
            raise RenderLimitError from error
        if ended < 0:
            raise RenderLimitError
        if ended > 0:
            raise RenderError
        result = json.loads((room / "result.json").read_bytes())
        return RenderedPdf(
            content=(room / "out.pdf").read_bytes(),
            pages=result["pages"],
            replaced=tuple(result["replaced"]),
            starts=tuple(result["starts"]),
        )


def _assets() -> dict[str, str]:
    """Return the only files that the renderer may read for a page, by their name in the style sheet."""
    assets = {name: str(settings.BASE_DIR / "static" / "css" / name) for name in _STYLE_SHEETS}
    for file, (package, collected) in _FONT_FILES.items():
        for path in (
            settings.NODE_MODULES / package / file,
            settings.STATIC_ROOT / "vendor" / collected / file,
        ):
            if path.is_file():
                assets[file] = str(path)
                break
    return assets
