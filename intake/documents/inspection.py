"""Have a file read by a child process, and say what became of it.

The parent never parses what strangers send: it counts bytes, starts the child with nothing of its own, waits a bounded
time, and reads one small JSON file.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from . import reasons
from .child.refusal import Reason
from .isolated_process import ProcessTimeoutError, run_isolated
from .names import stored_name

# Its CPU seconds are few and counted by the kernel; this waits for a busy machine to grant them, and stays under the
# minute in which the web server and its proxy still wait for an answer.
WALL_SECONDS = 50
_RESULT_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Inspection:
    """The answer about one file. `clean_path` and `thumbnail_path` are set when, and only when, it is accepted."""

    outcome: Literal["ACCEPTED", "REFUSED"]
    reason_code: Reason | None
    reason: str
    stored_name: str
    media_type: str | None
    pages: int | None
    neutralised: tuple[str, ...]
    clean_path: Path | None = None
    thumbnail_path: Path | None = None

    @property
    def is_accepted(self) -> bool:
        """Say whether the file may be kept."""
        return self.outcome == "ACCEPTED"


def inspect_file(path: Path, *, name: str, max_pages: int, max_bytes: int, into: Path) -> Inspection:
    """Inspect the file at `path`, which its sender calls `name`; leave what is kept of it in the directory `into`.

    `into` is the caller's: empty, writable, removed by the caller. Takes at most 50 s of wall clock, 5 s of CPU and
    480 MiB of address space. The sentence in `reason` is in the active language.

    :raises OSError: `path` cannot be read or `into` cannot be written.
    """
    size = path.stat().st_size
    limits = {"max_pages": max_pages, "max_bytes": max_bytes}
    if size == 0:
        return _refusal(Reason.EMPTY, name, limits)
    if size > max_bytes:
        return _refusal(Reason.TOO_LARGE, name, {**limits, "size": size})
    result = _run_child(path.resolve(), into.resolve(), max_pages)
    if "refused" in result:
        return _refusal(Reason(result["refused"]), name, {**result["facts"], **limits})
    neutralised = tuple(result["neutralised"])
    return Inspection(
        outcome="ACCEPTED",
        reason_code=None,
        reason=reasons.accepted(result["pages"], neutralised),
        stored_name=stored_name(name, result["media_type"]),
        media_type=result["media_type"],
        pages=result["pages"],
        neutralised=neutralised,
        clean_path=into / "clean.pdf",
        thumbnail_path=into / "thumbnail.jpg",
    )


def _run_child(path: Path, into: Path, max_pages: int) -> dict[str, Any]:
    arguments = (str(path), str(into), str(max_pages))
    try:
        run_isolated("intake.documents.child", *arguments, room=into, seconds=WALL_SECONDS)
        with (into / "result.json").open("rb") as report:
            written = report.read(_RESULT_MAX_BYTES)
        result: dict[str, Any] = json.loads(written)
    except ProcessTimeoutError:
        # Not the file's fault as a rule: its share of CPU would have run out long before.
        return {"refused": Reason.TIMED_OUT, "facts": {}}
    except (FileNotFoundError, ValueError):
        # Killed by a limit or fallen before the end: whatever it was, nobody should open it.
        return {"refused": Reason.TOO_COMPLEX, "facts": {}}
    return result


def _refusal(code: Reason, name: str, facts: reasons.Facts) -> Inspection:
    return Inspection(
        outcome="REFUSED",
        reason_code=code,
        reason=reasons.explain(code, facts),
        stored_name=stored_name(name, None),
        media_type=None,
        pages=int(facts["pages"]) if "pages" in facts else None,
        neutralised=(),
    )
