"""Inspect a file in a child process: this one only counts bytes, waits with a timeout and reads a small JSON file."""

import json
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from . import reasons
from .child.refusal import Reason
from .isolated_process import ProcessTimeoutError, run_isolated
from .names import stored_name

# The child has few CPU seconds, counted by the kernel; this timeout allows for a busy machine, and is less than the
# minute for which the web server and its proxy wait.
WALL_SECONDS = 50
_RESULT_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Inspection:
    """Result for one file. The three paths are set if and only if it is accepted."""

    outcome: Literal["ACCEPTED", "REFUSED"]
    reason_code: Reason | None
    reason: str
    stored_name: str
    media_type: str | None = None
    pages: int | None = None
    neutralised: tuple[str, ...] = ()
    clean_path: Path | None = None
    thumbnail_path: Path | None = None
    small_thumbnail_path: Path | None = None
    warnings: tuple[str, ...] = ()
    """What may keep a person from reading it: a code and the number of a page, such as `BLANK_PAGE:2`."""
    facts: reasons.Facts = field(default_factory=dict, compare=False, kw_only=True)
    """Of a refusal: what its message needs."""

    @property
    def is_accepted(self) -> bool:
        """True if the file is accepted."""
        return self.outcome == "ACCEPTED"


def inspect_file(path: Path, *, name: str, max_pages: int, max_bytes: int, into: Path) -> Inspection:
    """Inspect the file at `path`, which its sender names `name`; write the derived files in the directory `into`.

    `into` is empty and writable, and the caller removes it. Limits: 50 s of wall clock, and `child.limits.INSPECTION`.

    :raises OSError: if `path` cannot be read or `into` cannot be written, whoever writes in it.
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
    neutralised, warnings = tuple(result["neutralised"]), tuple(result["warnings"])
    return Inspection(
        outcome="ACCEPTED",
        reason_code=None,
        reason=reasons.accepted(result["pages"], neutralised, warnings),
        stored_name=stored_name(name, result["media_type"]),
        media_type=result["media_type"],
        pages=result["pages"],
        neutralised=neutralised,
        warnings=warnings,
        clean_path=into / "clean.pdf",
        thumbnail_path=into / "thumbnail.jpg",
        small_thumbnail_path=into / "small.jpg",
    )


def _run_child(path: Path, into: Path, max_pages: int) -> dict[str, Any]:
    arguments, ended = (str(path), str(into), str(max_pages)), 0
    try:
        ended = run_isolated(
            "intake.documents.child", *arguments, room=into, seconds=WALL_SECONDS, readable=[path]
        )
        with (into / "result.json").open("rb") as report:
            result: dict[str, Any] = json.loads(report.read(_RESULT_MAX_BYTES))
    except ProcessTimeoutError:
        # Rarely caused by the file: its CPU limit would have ended the child much earlier.
        return {"refused": Reason.TIMED_OUT, "facts": {}}
    except (FileNotFoundError, ValueError):
        if ended == -signal.SIGKILL:
            # No limit of its own ends it so: the machine lacked memory, or somebody killed it.
            return {"refused": Reason.TIMED_OUT, "facts": {}}
        # The child was killed by a limit or crashed: the file is not safe to open.
        return {"refused": Reason.TOO_COMPLEX, "facts": {}}
    return result


def _refusal(code: Reason, name: str, facts: reasons.Facts) -> Inspection:
    return Inspection(
        outcome="REFUSED",
        reason_code=code,
        reason=reasons.explain(code, facts),
        stored_name=stored_name(name, None),
        facts=facts,
        pages=int(facts["pages"]) if "pages" in facts else None,
    )
