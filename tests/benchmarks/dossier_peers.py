"""The content of a dossier as other programs draw it: typst, ReportLab, fpdf2. None of them gets our HTML.

They are installed by `scripts/bench`, outside `.venv` (`requirements/bench.txt`). What each leaves out is in `PEERS`.
"""

import importlib.util
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from intake.dossiers.sealed_payload import Payload
from tests.benchmarks.measuring import PEERS_FOLDER

type Block = tuple[str, Any]
"""Kind and content: `title`, `heading` and `text` have one text, `rows` a list of rows of texts."""
type Draw = Callable[[Sequence[Block], Sequence[Path], Path], None]

_FONT: Final = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def content_of(payload: Payload, *, number: str, digest: str) -> list[Block]:
    """Return the texts of a dossier, in order."""
    call = payload.call
    return [
        ("title", "Dossier de candidature"),
        ("text", payload.person.full_name),
        ("rows", [["Numéro de dépôt", number], ["Empreinte du dépôt", digest]]),
        ("heading", "L’offre"),
        ("rows", [["Organisation", call.organisation], ["Domaine", call.domain], ["Lieu", call.place]]),
        ("heading", "Admissibilité, critère par critère"),
        (
            "rows",
            [
                [found["kind"], found["outcome"], f"{found['reason_fr']} « {found['clause']['text']} »"]
                for found in payload.verdict["findings"]
            ],
        ),
        ("heading", "Réponses déposées"),
        *(
            block
            for section in payload.sections
            for block in (
                ("heading", section.title),
                ("rows", [[answer.label, answer.value or "Sans réponse"] for answer in section.answers]),
            )
        ),
        ("heading", "Documents déposés"),
        (
            "rows",
            [
                [each.label, f"{each.name} {each.sha256}", str(each.size), str(each.pages)]
                for each in payload.documents
            ],
        ),
        ("heading", "Déclarations acceptées"),
        *(("text", accepted.text) for accepted in payload.declarations),
    ]


_TYPST = """
#set document(title: "Dossier de candidature")
#set text(font: "DejaVu Sans", size: 9.5pt, lang: "fr")
#set page(paper: "us-letter", margin: 2cm, footer: context [page #counter(page).display()])
#let data = json(bytes(sys.inputs.data))
#for (kind, content) in data.blocks {
  if kind == "title" { heading(level: 1, content) } else if kind == "heading" { heading(level: 2, content) }
  else if kind == "text" { par(content) }
  else { table(columns: content.first().len(), ..content.flatten()) }
}
#for (path, pages) in data.sources {
  for rank in range(1, pages + 1) { page(image(path, page: rank, alt: "Document", width: 100%)) }
}
"""


def _typst(blocks: Sequence[Block], sources: Sequence[Path], to: Path) -> None:
    typst = importlib.import_module("typst")
    data = {"blocks": blocks, "sources": [[f"/{path.name}", _pages(path)] for path in sources]}
    root = sources[0].parent
    (root / "dossier.typ").write_text(_TYPST, encoding="utf-8")
    inputs = {"data": json.dumps(data)}
    typst.compile(str(root / "dossier.typ"), str(to), root=str(root), sys_inputs=inputs)


def _reportlab(blocks: Sequence[Block], sources: Sequence[Path], to: Path) -> None:
    platypus = importlib.import_module("reportlab.platypus")
    styles = importlib.import_module("reportlab.lib.styles").ParagraphStyle
    fonts = importlib.import_module("reportlab.pdfbase.pdfmetrics")
    escape = importlib.import_module("xml.sax.saxutils").escape
    fonts.registerFont(importlib.import_module("reportlab.pdfbase.ttfonts").TTFont("DejaVu", str(_FONT)))
    plain = styles("plain", fontName="DejaVu", fontSize=9.5, leading=13)
    large = styles("large", parent=plain, fontSize=14, leading=20)
    story: list[Any] = []
    for kind, content in blocks:
        if kind == "rows":
            cells = [[platypus.Paragraph(escape(text), plain) for text in row] for row in content]
            story.append(platypus.Table(cells, colWidths=[480 / len(content[0])] * len(content[0])))
        else:
            story.append(platypus.Paragraph(escape(content), plain if kind == "text" else large))
    drawn = to.with_suffix(".drawn.pdf")
    platypus.SimpleDocTemplate(str(drawn), title="Dossier de candidature", lang="fr-CA").build(story)
    _append(drawn, sources, to)


def _fpdf(blocks: Sequence[Block], sources: Sequence[Path], to: Path) -> None:
    pdf = importlib.import_module("fpdf").FPDF(format="letter")
    pdf.set_title("Dossier de candidature")
    pdf.add_font("DejaVu", fname=str(_FONT))
    pdf.add_page()
    for kind, content in blocks:
        pdf.set_font("DejaVu", size=14 if kind in {"title", "heading"} else 9.5)
        if kind == "rows":
            with pdf.table(first_row_as_headings=False) as table:
                for texts in content:
                    row = table.row()
                    for text in texts:
                        row.cell(text)
        else:
            pdf.multi_cell(0, text=content, new_x="LMARGIN", new_y="NEXT")
    drawn = to.with_suffix(".drawn.pdf")
    pdf.output(str(drawn))
    _append(drawn, sources, to)


def _append(drawn: Path, sources: Sequence[Path], to: Path) -> None:
    with importlib.import_module("pypdf").PdfWriter() as writer:
        for path in (drawn, *sources):
            writer.append(str(path))
        writer.write(str(to))


def _pages(path: Path) -> int:
    import pikepdf  # noqa: PLC0415 -- of one peer only

    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


PEERS: Final[dict[str, Draw]] = {
    "typst (its cache warm; tags, no PDF/UA-1 with embedded PDFs)": _typst,
    "ReportLab and pypdf (no tags)": _reportlab,
    "fpdf2 and pypdf (no tags)": _fpdf,
}


def available_peers() -> dict[str, Draw]:
    """Return the peers that are installed, with the font that they need; none without `scripts/bench`."""
    if str(PEERS_FOLDER) not in sys.path:
        sys.path.append(str(PEERS_FOLDER))
    found = {}
    for name, module in zip(PEERS, ("typst", "reportlab", "fpdf"), strict=True):
        if _FONT.is_file() and importlib.util.find_spec(module) and importlib.util.find_spec("pypdf"):
            found[name] = PEERS[name]
    return found
