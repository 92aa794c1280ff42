"""Inspect cases of the corpus, with the processor time and the memory of each."""

import re
import resource
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2

from intake.documents.inspection import inspect_file

from .case import Case
from .reader import left_in

MAX_BYTES = 10 * 1024 * 1024
MAX_PAGES = 3
MAX_CPU_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the inspection of one case said, and how it differs from what it should."""

    case: Case
    code: str
    """Reason code, or ACCEPTED."""
    faults: tuple[str, ...]
    cpu_seconds: float
    """Of its process; 0 if it was inspected in this one."""


def run(case: Case) -> Outcome:
    """Inspect one case and judge the result."""
    with tempfile.TemporaryDirectory() as directory:
        path, into = Path(directory, "received"), Path(directory, "made")
        path.write_bytes(case.build())
        into.mkdir()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = inspect_file(path, name=case.sent_as, max_pages=MAX_PAGES, max_bytes=MAX_BYTES, into=into)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        faults = []
        code = str(found.reason_code or "ACCEPTED")
        expected = case.refused or {"ACCEPTED"}
        if code not in {one or "ACCEPTED" for one in expected}:
            faults.append(f"{code} instead of {' or '.join(sorted(expected))}")
        if found.clean_path is not None:
            faults += _faults_of_copy(case, found.clean_path)
            if not case.removed <= set(found.neutralised):
                faults.append(f"not reported: {', '.join(sorted(case.removed - set(found.neutralised)))}")
            if found.pages != case.pages:
                faults.append(f"{found.pages} pages instead of {case.pages}")
        if cpu > MAX_CPU_SECONDS:
            faults.append(f"{cpu:.1f} s of processor time")
        if not is_safe_name(found.stored_name):
            faults.append(f"stored as {found.stored_name!r}")
        return Outcome(case, code, tuple(faults), cpu)


def is_safe_name(name: str) -> bool:
    """True if a name may be written in any file system and any header."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}", name) is not None and not name.endswith(".exe")


def _faults_of_copy(case: Case, path: Path) -> list[str]:
    content = path.read_bytes()
    faults = [f"left: {part}" for part in left_in(content, is_honest=case.is_honest)]
    with pikepdf.open(path) as pdf:
        if pdf.get_warnings():
            faults.append("damaged copy")
    if case.is_honest and not case.warned:
        with pypdfium2.PdfDocument(path) as document:
            drawn = document[0].render(scale=0.5).to_pil().convert("L")
        if drawn.getextrema()[0] > 200:
            faults.append("nothing is drawn")
    return faults
