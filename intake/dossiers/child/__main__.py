"""Generate one PDF: `python -m intake.dossiers.child ROOM`, where the directory ROOM contains `job.json`.

Writes `out.pdf` and `result.json` in ROOM and exits with 0. Any other exit code: no PDF was generated.
"""

import json
import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from intake.documents.child.limits import exit_with_parent

from . import sandbox


def main(room: Path) -> None:
    """Render the pages of `job.json` and insert its documents."""
    exit_with_parent()
    sandbox.DRAWING.apply()
    job = json.loads((room / "job.json").read_bytes())
    replace(sandbox.DRAWING, cpu_seconds=job["cpu_seconds"]).apply()
    # Import after the limits and before the sandbox: these libraries read system files while they load.
    with sandbox.start_no_program():
        import pikepdf  # noqa: PLC0415 -- after limits, before sandbox

        from intake.dossiers.child import merge, pages, receipt_form, strips  # noqa: PLC0415 -- after limits, before sandbox

    sandbox.enter_sandbox({*job["assets"].values(), *(part["path"] for part in job["parts"])}, room)
    body: list[str] = []
    drawings: list[merge.PlacedPage | None] = []
    replaced: list[str] = []
    starts: list[int] = []
    with ExitStack() as opened:
        for part in job["parts"]:
            starts.append(len(drawings))
            try:
                document = opened.enter_context(pikepdf.open(part["path"]))
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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    # All files are written and closed. Skip the normal shutdown: it unloads libraries while Pango's thread may still
    # read fonts, and the process would sometimes die by a signal.
    os._exit(0)
