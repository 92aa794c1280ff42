"""The sandbox of the processes that draw and read receipts, and what the reader makes of an untrusted file."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn
from xml.etree.ElementTree import ParseError

import pytest
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.validation.errors import SignatureValidationError

from intake.documents.child.limits import Limits
from intake.dossiers.child import receipt_reader, sandbox
from intake.signing.keys import key_set_json
from intake.signing.services import known_keys
from tests.factories import receipts

# -- Files that may be read ---


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The audit hook of a directory's sandbox. It is called, and not installed in this process."""
    hooks: list[Callable[[str, tuple[object, ...]], None]] = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    (tmp_path / "room").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "room")
    sandbox.install_hook({"/given/pdf.css"}, tmp_path / "link")
    (found,) = hooks
    return lambda event, *arguments: found(event, arguments)


@pytest.mark.parametrize(
    "event",
    [
        "socket.connect",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.fork",
        "urllib.Request",
    ],
)
def test_the_sandbox_refuses_network_and_other_programs(event: str, hook: Callable[..., None]) -> None:
    with pytest.raises(PermissionError, match=f"^{event} is not for this process$"):
        hook(event, "anything")
    hook("import", "anything")
    hook("os.listdir", "/etc")


def test_the_process_opens_only_given_files_its_directory_and_python(
    hook: Callable[..., None], tmp_path: Path
) -> None:
    room = tmp_path / "room"
    roots = {sys.prefix, sys.base_prefix, sys.base_exec_prefix}
    opened: list[object] = [
        "/given/pdf.css",
        b"/given/pdf.css",
        str(room / "job.json"),
        str(tmp_path / "link" / "job.json"),
        bytes(room / "job.json"),
        3,
        *(str(Path(root) / "lib" / "x.py") for root in roots),
        *(str(Path(root).resolve() / "lib" / "x.py") for root in roots),
    ]
    for path in opened:
        hook("open", path, "r", 0)
    refused = ["/given/pdf.css.old", "/given", "/etc/hostname", str(room), f"{room}-beside/x", "job.json"]
    refused += [f"{sys.prefix}-beside/x"]
    for name in refused:
        for path in (name, name.encode()):
            with pytest.raises(PermissionError, match=f"^{name} is not for this process$"):
                hook("open", path, "r", 0)


def test_a_relative_name_is_resolved_in_the_directory_of_the_process(
    hook: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "room")
    hook("open", "job.json")


# -- Reading an untrusted file ---------------


def test_reading_a_receipt_applies_limits_and_sandbox_then_writes_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def apply(limits: Limits) -> None:
        asked.append(limits)

    monkeypatch.setattr(receipt_reader, "exit_with_parent", lambda: asked.append("ends with its parent"))
    monkeypatch.setattr(Limits, "apply", apply)
    monkeypatch.setattr(sandbox, "enter_sandbox", lambda readable, room: asked.append((readable, room)))
    (tmp_path / "in.pdf").write_bytes(receipts.signed())
    (tmp_path / "keys.json").write_text(json.dumps(key_set_json(known_keys())))
    receipt_reader.main(tmp_path)
    assert asked == ["ends with its parent", sandbox.READING, (set(), tmp_path)]
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8")) == {
        "facts": receipts.facts().canonical().decode(),
        "key_id": next(iter(known_keys().keys)),
    }


@pytest.mark.parametrize(
    "error",
    [
        PdfError(""),
        SignatureValidationError(""),
        TypeError(),
        RecursionError(),
        NotImplementedError(),
        ParseError(),
    ],
    ids=repr,
)
def test_any_error_of_the_libraries_reports_changed_bytes(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> NoReturn:
        raise error

    monkeypatch.setattr(receipt_reader, "_check_signature", fail)
    assert receipt_reader.read(receipts.signed(), known_keys()) == {"problem": "BYTES"}


RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:r="urn:intake:receipt:1#">{}</rdf:RDF>'


@pytest.mark.parametrize(
    "body, facts",
    [
        ("<rdf:Description r:facts='les faits'/>", "les faits"),
        ("<rdf:Description><r:facts>les faits</r:facts></rdf:Description>", "les faits"),
        ("<rdf:Description facts='autres' r:other='x'><facts>autres</facts></rdf:Description>", None),
    ],
)
def test_facts_are_read_only_from_the_namespace_of_the_portal(body: str, facts: str | None) -> None:
    reader = SimpleNamespace(root={"/Metadata": SimpleNamespace(data=RDF.format(body).encode())})
    if facts is None:
        with pytest.raises(ValueError, match="a signed file without facts"):
            receipt_reader._facts(reader)
    else:
        assert receipt_reader._facts(reader) == facts
