"""The statement of a receipt in one text form, and the accepted forms of its JSON receipt."""

import json
from typing import Any

import pytest

from intake.dossiers.receipts.receipt_file import (
    ALGORITHM,
    MAX_BYTES,
    Problem,
    TooLargeError,
    make_json_receipt,
    read_receipt,
)
from intake.dossiers.receipts.statement import ReceiptStatement, is_statement, parse_code
from intake.dossiers.receipts.verifying import verify_file
from intake.signing.services import known_keys, sign
from tests.factories.receipts import DIGEST, NUMBER, facts

CODE = "7K3M-9QXD-2TBC"
MIB = 1024 * 1024


# -- Statements ---


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
    "raw, answer",
    [({"type": "receipt"}, True), ({"type": "root"}, False), ({}, False), ([], False), ("receipt", False)],
)
def test_a_statement_is_recognised_by_its_type(raw: object, *, answer: bool) -> None:
    assert is_statement(raw) is answer


# -- JSON receipts ---


def twin(**changes: Any) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(make_json_receipt(facts(), sign(facts().canonical())))
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


@pytest.mark.parametrize("over, error", [(0, None), (1, TooLargeError)])
def test_a_file_of_at_most_one_mebibyte_is_read(over: int, error: type[Exception] | None) -> None:
    assert MAX_BYTES == MIB
    content = b" " * (MIB + over)
    if error is None:
        assert read_receipt(content, known_keys()).problem is Problem.NOT_A_RECEIPT
    else:
        with pytest.raises(error):
            read_receipt(content, known_keys())
        with pytest.raises(error):
            verify_file(content)
