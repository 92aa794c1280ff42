"""Draw one PDF from its job: pages, then documents among them, then the signature field of a receipt."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from intake.dossiers.child import merge, pages, receipt_form, strips


def draw(job: dict[str, Any], room: Path) -> None:
    """Write `out.pdf` and `result.json` in `room`."""
    body: list[str] = []
    drawings: list[merge.PlacedPage | None] = []
    replaced: list[str] = []
    starts: list[int] = []
    with ExitStack() as opened:
        for part in job["parts"]:
            starts.append(len(drawings))
            try:
                document = opened.enter_context(merge.open_part(part["paths"]))
                read = merge.read_part(document, part["titles"])
                drawings += read
                body += [
                    strip.replace('class="strip"', f'class="strip {strips.strip_name(page.width)}"', 1)
                    for strip, page in zip(part["strips"], read, strict=True)
                ]
            except merge.UNREADABLE:
                drawings.append(None)
                body.append(part["replacement"])
                replaced.append(part["label"])
        styles = strips.strip_styles(drawing.width for drawing in drawings if drawing is not None)
        before = job["before"].replace("</head>", f"<style>{styles}</style></head>", 1)
        html = "".join([before, *body, job["after"]])
        drawn = pages.render_pdf(html, job["assets"], room / "drawn.pdf", archival=job["archival"])
        cover = drawn - len(drawings)
        count = merge.merge(
            room / "drawn.pdf",
            {cover + rank: drawing for rank, drawing in enumerate(drawings) if drawing is not None},
            room / "out.pdf",
            archival=job["archival"],
        )
    if job["receipt"]:
        receipt_form.add_signature_field(room / "out.pdf", **job["receipt"])
    result = {"pages": count, "replaced": replaced, "starts": [cover + rank + 1 for rank in starts]}
    (room / "result.json").write_text(json.dumps(result), encoding="utf-8")
