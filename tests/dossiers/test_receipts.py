"""A receipt file is self-contained: its signature covers every byte, and its statement is read back unchanged."""

import base64
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from pikepdf import Name
from pytest_django import Settings

from intake.dossiers.child import receipt_reader
from intake.dossiers.child.receipt_format import FIELD
from intake.dossiers.receipts import receipt_file
from intake.dossiers.receipts.receipt_file import (
    ALGORITHM,
    MAX_BYTES,
    Problem,
    TooLargeError,
    UnreadableReceiptError,
    make_json_receipt,
    read_receipt,
)
from intake.dossiers.receipts.statement import InvalidStatementError, ReceiptStatement, parse_code
from intake.dossiers.receipts.verifying import verify_file
from intake.signing.keys import is_low_s
from intake.signing.services import known_keys, sign
from tests.dossiers.pdf_reader import check_accessible
from tests.dossiers.test_render import texts
from tests.factories.documents import active_parts
from tests.factories.receipts import (
    DIGEST,
    NUMBER,
    drawn,
    facts,
    resaved,
    signature_in,
    signed,
    with_an_update,
    with_its_other_form,
    without_last_update,
)

OTHER_KEY = {"another": "11" * 32}
_NAMED = "Accusé de réception 2027-020-000123-N — Maïté Côté-L’Écuyer"


def in_this_process(content: bytes) -> dict[str, str]:
    """Read without a child process, for the tests that read hundreds of files."""
    return receipt_reader.read(content, known_keys())


def json_receipt() -> str:
    return make_json_receipt(facts(), sign(facts().canonical()))


# -- Statements and codes ---
CODE = "7K3M-9QXD-2TBC"


def test_facts_have_one_canonical_signed_text() -> None:
    text = (
        '{"closes_at":"2026-10-02T04:00:00Z","documents":["' + '","'.join(["ab12" * 16] * 4) + '"],'
        f'"number":"{NUMBER}","offer":{{"number":"2027-020","organisation":"Organisation des Nations Unies '
        'pour l’éducation, la science et la culture","time_zone":"America/Toronto"},'
        '"received_at":"2026-09-30T18:32:05.999999Z","replaces":null,"schema":1,'
        f'"seal":"{DIGEST}","sequence":1,"type":"receipt"}}'
    )
    assert facts().canonical().decode() == text
    again = facts(sequence=2, replaces="2027-020-000001-A")
    assert ReceiptStatement.parse(again.canonical()) == again
    with pytest.raises(InvalidStatementError):
        ReceiptStatement.parse(again.canonical()[:-1])
    # Codes are printed on issued receipts: their computation can never change.
    assert (facts().code, again.code) == ("WPR8-0CW2-VMZZ", "WPR8-0CW2-VMZZ")


@pytest.mark.parametrize(
    "text, given",
    [
        ("7k3m9qxd2tbc", CODE),
        (" 7K3M 9QXD\u20102TBC\n", CODE),
        ("7K3M\u22129QXD\u20152TBC", CODE),
        ("OILoil-000000", "0110-1100-0000"),
        ("7K3M-9QXD-2TB", None),
        ("7K3M-9QXD-2TBCC", None),
        ("7K3M-9QXD-2TBU", None),
        ("7K3M_9QXD_2TBC", None),
    ],
)
def test_a_code_is_normalised_from_its_typed_form(text: str, given: str | None) -> None:
    assert parse_code(text) == given


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"name": "Maïté"},
        {"sequence": True},
        {"received_at": "2026-09-30T18:32:05"},
        {"closes_at": "2026-10-02T04:00:00"},
        {"received_at": 5},
        {"documents": ["ab"]},
        {"documents": None},
        {"seal": "sha256:zz"},
        {"offer": "2027-020"},
        {"replaces": 1},
        {"number": None},
    ],
    ids=str,
)
def test_a_statement_with_a_value_of_another_type_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidStatementError):
        ReceiptStatement.from_json(facts().as_json() | change)


@pytest.mark.parametrize(
    "time_zone, written",
    [
        ("America/Toronto", "2027-02-28T00:00:00-05:00"),
        ("Europe/Paris", "2027-02-28T06:00:00+01:00"),
        ("Asia/Kolkata", "2027-02-28T10:30:00+05:30"),
    ],
)
def test_instants_are_read_in_the_time_zone_of_the_offer(time_zone: str, written: str) -> None:
    said = facts(time_zone=time_zone, closes_at="2027-02-28T05:00:00Z", received_at="2027-02-28T05:00:00Z")
    assert [said.closing.isoformat(), said.received.isoformat()] == [written, written]


def test_a_code_differs_by_number_and_seal_and_not_by_other_facts() -> None:
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", facts().code)
    assert facts().code == facts(organisation="Autre").code
    others = {facts(number="2027-020-000124-B").code, facts(seal="sha256:" + "4e" * 32).code}
    assert len({facts().code, *others}) == 3


# -- The PDF


def test_the_receipt_is_one_tagged_page_with_digests_code_and_address() -> None:
    check_accessible(drawn(), _NAMED)
    (page,) = texts(drawn())
    assert NUMBER in page
    assert facts().code in page
    assert DIGEST in page.replace(" ", "")
    assert page.replace(" ", "").count("ab12" * 16) == 4
    assert "/verifier/?numero=" in page
    assert active_parts(drawn()) == ["/Annots", "/AcroForm"]  # the unsigned signature field


def test_the_english_receipt_follows_the_french_one() -> None:
    content = drawn(in_english_too=True)
    found = check_accessible(content, _NAMED)
    first, second = texts(content)
    assert "Votre candidature est déposée." in first
    assert "Your application is submitted." in second
    assert NUMBER in second
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.Root.Lang) == "fr-CA"
    (english,) = [tag.kind for tag in found.document.walk() if tag.lang == "en-CA"]
    assert english == "Sect"


def test_the_qr_code_has_alternative_text_and_the_signature_field_a_tag() -> None:
    """ISO 14289-1, 7.3 and 7.18: alternative text, a Form tag around the widget, tab order by structure."""
    (figure,) = check_accessible(signed(), _NAMED).document.of("Figure")
    assert figure.alt == "Code QR de l’adresse où vérifier cet accusé de réception"
    with pikepdf.open(io.BytesIO(signed())) as pdf:
        form = pdf.Root.StructTreeRoot.K[0].K[-1]
        assert Name.Form == form.S
        (field,) = pdf.Root.AcroForm.Fields
        assert form.K[0].Obj.objgen == field.objgen
        assert str(field.T) == FIELD
        assert str(field.TU) == str(form.Alt) == "Signature numérique du portail"
        parents = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
        assert parents[int(field.StructParent)].objgen == form.objgen
        assert pdf.pages[0].obj.Tabs == Name.S
        assert field.V.SubFilter == Name("/ETSI.CAdES.detached")
        assert int(pdf.Root.Perms.DocMDP.Reference[0].TransformParams.P) == 1  # no change is allowed


def test_the_qr_code_contains_the_printed_address() -> None:
    """Decoded from the rendered page, by a library other than the one that drew the code."""
    with pypdfium2.PdfDocument(drawn()) as pdf:
        (code,) = zxingcpp.read_barcodes(pdf[0].render(scale=3).to_pil())
    assert code.text.endswith(f"/verifier/?numero={NUMBER}&code={facts().code}")
    assert code.ec_level == "M"  # readable with a seventh of it damaged


def test_a_signed_receipt_is_read_back_with_only_the_published_keys() -> None:
    found = read_receipt(signed(), known_keys())
    assert found.problem is None
    assert found.facts == facts()
    assert found.key_id == next(iter(known_keys().keys))


def test_a_receipt_signed_by_an_older_key_stays_authentic(settings: Settings) -> None:
    content = signed()
    settings.SIGNING_KEYS = OTHER_KEY | settings.SIGNING_KEYS
    assert in_this_process(content)["key_id"] == list(known_keys().keys)[1]
    settings.SIGNING_KEYS = OTHER_KEY
    assert in_this_process(content) == {"problem": "KEY"}


def test_bytes_added_after_the_signature_are_reported() -> None:
    content = signed()
    assert in_this_process(with_an_update(content)) == {"problem": "ADDED"}
    assert in_this_process(content + b"\n% nothing to see") == {"problem": "ADDED"}
    assert in_this_process(content + b"\n") == {"problem": "ADDED"}


def test_a_receipt_without_its_signature_is_refused() -> None:
    assert in_this_process(drawn()) == {"problem": "BYTES"}
    assert in_this_process(without_last_update(signed())) == {"problem": "BYTES"}
    assert in_this_process(resaved(signed())) == {"problem": "BYTES"}
    assert in_this_process(signed()[:-200]) == {"problem": "BYTES"}


def test_a_name_turned_into_an_invalid_number_is_reported_as_a_change() -> None:
    """The library pikepdf raises `decimal.InvalidOperation`, which is not a ValueError."""
    content = signed()
    names = [found.start() for found in re.finditer(rb"/FT ?/Sig", content)]
    assert names
    for place in names:
        figure = content.index(b"/Sig", place)
        assert in_this_process(content[:figure] + b"." + content[figure + 1 :]) == {"problem": "BYTES"}


def _changed(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def _places_of_the_signature(content: bytes) -> range:
    numbers = re.search(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)", content)
    assert numbers
    _first, start, end, _rest = (int(number) for number in numbers.groups())
    return range(start, end)


def test_one_changed_byte_anywhere_is_detected() -> None:
    content = signed()
    places = {*range(0, len(content), len(content) // 16), *_places_of_the_signature(content)[:2400:200]}
    assert [place for place in places if "problem" not in in_this_process(_changed(content, place))] == []


def test_a_signature_with_a_high_s_is_a_change() -> None:
    """The other form needs no key and verifies elsewhere; the portal issues only the low form (low s)."""
    for _try in range(8):  # each signature uses another nonce
        content = signed()
        assert is_low_s(signature_in(content))
        assert "facts" in in_this_process(content)
    other = with_its_other_form(content)
    assert len(other) == len(content)
    assert not is_low_s(signature_in(other))
    assert in_this_process(other) == {"problem": "BYTES"}


@pytest.mark.full
def test_each_changed_byte_of_a_pdf_receipt_is_detected() -> None:
    content = signed()
    span = _places_of_the_signature(content)
    places = {*range(0, len(content), 37), *span[:2400], *span[::97]}
    assert [place for place in places if "problem" not in in_this_process(_changed(content, place))] == []


@pytest.mark.full
def test_a_third_party_tool_reports_the_same(tmp_path: Path) -> None:
    """`pdfsig` of poppler, with NSS: independent of our code and of the signing library."""

    def say(content: bytes) -> str:
        (tmp_path / "receipt.pdf").write_bytes(content)
        command = ["pdfsig", "-nssdir", str(tmp_path), str(tmp_path / "receipt.pdf")]
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout

    content = signed()
    honest = say(content)
    assert "Signature is Valid" in honest
    assert "Total document signed" in honest
    assert "ETSI.CAdES.detached" in honest
    place = content.index(b"/Lang") + 7
    assert "Digest Mismatch" in say(_changed(content, place))
    assert "Not total document signed" in say(with_an_update(content))


def test_a_file_that_is_no_receipt_starts_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipt_file, "_read_pdf", None)
    for content in (
        b"",
        b"%PDF-1.7 another",
        b"[]",
        b'{"a": 1}',
        b"\x89PNG",
        b"{" * 100_000,
        b" " * MAX_BYTES,
    ):
        assert read_receipt(content, known_keys()).problem is Problem.NOT_A_RECEIPT
    with pytest.raises(TooLargeError):
        read_receipt(b" " * (MAX_BYTES + 1), known_keys())
    with pytest.raises(TooLargeError):
        verify_file(b" " * (MAX_BYTES + 1))


def test_reading_a_receipt_is_limited_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipt_file, "WALL_SECONDS", 0.01)
    with pytest.raises(UnreadableReceiptError):
        read_receipt(drawn(), known_keys())


def test_a_crashed_reader_does_not_report_an_altered_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    content = drawn()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(UnreadableReceiptError):
        read_receipt(content, known_keys())


@pytest.mark.parametrize(
    "content",
    [
        b"urn:intake:receipt:1#",
        b"%PDF-1.7 urn:intake:receipt:1#\nstartxref\n9\n%%EOF",
        b"%PDF-1.7 urn:intake:receipt:1#\n1 0 obj " + b"[" * 50_000 + b"\nendobj\nstartxref\n36\n%%EOF",
    ],
    ids=["a word", "no table", "deep"],
)
def test_a_hostile_file_is_refused_without_a_crash(content: bytes) -> None:
    assert in_this_process(content) == {"problem": "BYTES"}


# -- The JSON receipt ---


def twin(**changes: Any) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(json_receipt())
    return raw | changes


def problem(raw: object) -> str | None:
    return read_receipt(json.dumps(raw).encode(), known_keys()).problem


def test_each_fault_of_a_json_receipt_is_reported_by_its_code() -> None:
    honest = twin()
    signature = honest["signature"]
    value = signature["value"]
    cases: list[tuple[object, str | None]] = [
        (honest, None),
        (twin(signature=signature | {"algorithm": "none"}), "BYTES"),
        (twin(signature=signature | {"more": 1}), "BYTES"),
        (twin(signature={"algorithm": ALGORITHM, "value": value}), "BYTES"),
        (twin(signature=signature | {"value": value + "\n"}), "BYTES"),
        (twin(signature=signature | {"value": value.rstrip("=") + "A==="}), "BYTES"),
        (twin(signature=signature | {"value": 7}), "BYTES"),
        (twin(signature=signature | {"key": "other"}), "KEY"),
        (twin(signature=None), "BYTES"),
        (twin(receipt=honest["receipt"] | {"sequence": 2}), "BYTES"),
        (twin(receipt=honest["receipt"] | {"type": "root"}), "BYTES"),
        (twin(receipt=honest["receipt"] | {"schema": 2}), "BYTES"),
        (twin(beside=1), "ADDED"),
        (twin(beside=1, log=None), "ADDED"),
        *((twin(**{name: {"last_name": "Somebody else"}}), "ADDED") for name in ("Receipt", "receipt ", "")),
        (twin(log=None), "LOG"),
        ({"receipt": 1}, "BYTES"),
        ({"signature": 1}, "BYTES"),
        ({"others": 1}, "NOT_A_RECEIPT"),
    ]
    assert [problem(raw) for raw, _problem in cases] == [expected for _raw, expected in cases]
    assert read_receipt(b'{"receipt": 1', known_keys()).problem is Problem.BYTES
    assert read_receipt(b'{"others": 1', known_keys()).problem is Problem.NOT_A_RECEIPT
    # White space and the order of members are free: the signature covers the canonical text.
    laid_out = json.dumps(dict(reversed(honest.items())), indent=4, ensure_ascii=True)
    assert read_receipt(b"\r\n  " + laid_out.encode(), known_keys()).facts == facts()


def test_one_changed_byte_of_a_json_receipt_is_found() -> None:
    content = json_receipt().encode()
    for place in range(len(content)):
        found = read_receipt(_changed(content, place), known_keys())
        assert found.facts is None, content[place - 20 : place + 20]


def test_a_duplicate_json_member_is_refused_at_any_depth() -> None:
    """RFC 8259, section 4, does not define which duplicate counts. Python takes the last; a person reads the first."""
    honest, forged = json_receipt(), "2020-01-01T00:00:00Z"
    earlier = json.dumps(facts().as_json() | {"received_at": forged})
    for doubled in (
        f'{{"receipt":{earlier},{honest[1:]}',
        f'{{"\\u0072eceipt":{earlier},{honest[1:]}',
        honest.replace('"received_at":', f'"received_at":"{forged}","received_at":', 1),
        honest.replace('"algorithm":', '"algorithm":"none","algorithm":', 1),
        honest[:-1] + ',"beside":{"a":1,"a":1}}',
    ):
        assert json.loads(doubled)["receipt"] == facts().as_json()
        assert read_receipt(doubled.encode(), known_keys()).problem is Problem.BYTES


@pytest.mark.parametrize("member", ["number", "organisation", "replaces"])
def test_a_letter_replaced_by_a_lookalike_is_refused(member: str) -> None:
    """Both are equal in NFC, the form that is signed."""
    given = {
        "number": "2027-020-000123-K",
        "organisation": "Korea – Ångström",
        "replaces": "2027-020-000122-K",
    }
    honest = facts(**given)
    content = make_json_receipt(honest, sign(honest.canonical()))
    assert read_receipt(content.encode(), known_keys()).facts == honest
    plain = given[member]
    for changed in (plain.replace("K", "\N{KELVIN SIGN}"), plain.replace("Å", "A\N{COMBINING RING ABOVE}")):
        if changed != plain:
            found = read_receipt(content.replace(plain, changed).encode(), known_keys())
            assert found.problem is Problem.BYTES


def test_openssl_verifies_a_json_receipt(tmp_path: Path) -> None:
    """By the commands of `docs/operations/receipts.md`: the statement in canonical JSON, and the published key."""
    raw = json.loads(json_receipt())
    text = json.dumps(raw["receipt"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    (tmp_path / "facts").write_text(text, encoding="utf-8")
    (tmp_path / "signature").write_bytes(base64.b64decode(raw["signature"]["value"]))
    (key,) = known_keys().keys.values()
    spki = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + key.point
    (tmp_path / "key.der").write_bytes(spki)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.der", "-keyform", "DER"]
    command += ["-signature", "signature", "facts"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    assert b"Verified OK" in done.stdout, done.stderr
