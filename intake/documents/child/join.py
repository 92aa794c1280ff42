"""Join cleaned PDFs into one: `python -m intake.documents.child.join ROOM`, where ROOM contains `job.json`.

The job lists the files in order, each with the degrees to turn it clockwise. Writes `joined.pdf`, the thumbnails of its
first page, `thumbnail.jpg` and `small.jpg`, and `result.json` in ROOM. The same files give the same bytes.
"""

import json
import sys
from pathlib import Path
from typing import Any

from intake.documents.child.confinement import confine
from intake.documents.child.limits import INSPECTION, exit_with_parent


def main(room: Path) -> None:
    """Join the files of `job.json`; write nothing if they have more pages than the job allows."""
    exit_with_parent()
    INSPECTION.apply()
    job: dict[str, Any] = json.loads((room / "job.json").read_bytes())
    confine([part[key] for part in job["parts"] for key in ("file", "thumbnail")], room)
    pages = _join(job["parts"], job["max_pages"], room / "joined.pdf")
    if pages <= job["max_pages"]:
        first = job["parts"][0]
        _turn_thumbnail(Path(first["thumbnail"]), first["turned"], room)
    (room / "result.json").write_text(json.dumps({"pages": pages}), encoding="utf-8")


def _join(parts: list[dict[str, Any]], max_pages: int, joined: Path) -> int:
    import pikepdf  # noqa: PLC0415 -- after the limits and the confinement

    with pikepdf.new() as pdf:
        for part in parts:
            with pikepdf.open(part["file"]) as source:
                for page in source.pages:
                    page.rotate(part["turned"], relative=True)
                    pdf.pages.append(page)
        if len(pdf.pages) <= max_pages:
            pdf.save(joined, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        return len(pdf.pages)


def _turn_thumbnail(thumbnail: Path, turned: int, room: Path) -> None:
    # Turned, not drawn again: a page may take seconds to draw, and this one was drawn when it was inspected.
    from PIL import Image  # noqa: PLC0415 -- after the limits and the confinement

    from intake.documents.child.inspect import save_thumbnails  # noqa: PLC0415 -- after the confinement

    with Image.open(thumbnail, formats=["JPEG"]) as picture:
        save_thumbnails(picture.rotate(-turned, expand=True), room / "thumbnail.jpg", room / "small.jpg")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
