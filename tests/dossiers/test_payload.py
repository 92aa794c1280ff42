"""A payload has exactly one encoding, is read back as sealed, and its digest does not reveal it."""

import hashlib
import json
import unicodedata
from typing import Any

import pytest

from intake.dossiers.sealed_payload import (
    SCHEMA,
    MovedClosing,
    Payload,
    SealedComplement,
    SealedExtension,
    UnknownSchemaError,
    digest_of,
    new_salt,
)
from tests.factories.payloads import payload, person


def test_a_payload_is_read_back_as_it_was_sealed() -> None:
    assert Payload.parse(payload().canonical()) == payload()


def test_the_canonical_form_is_sorted_composed_json_without_spaces() -> None:
    text = payload(person=person(first_name=unicodedata.normalize("NFD", "Maïté"))).canonical()
    assert text == payload().canonical()
    assert unicodedata.is_normalized("NFC", text)
    assert json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":")) == text
    assert json.loads(text)["schema"] == SCHEMA == 4


def test_an_answer_is_read_as_stored_if_it_is_of_the_person_and_else_as_text() -> None:
    keys = ("birth_date", "email", "province", "bar_school", "professional_order_stage", "unheard_of")
    said = ["1998-05-04", "maite.cote@exemple.invalid", "QC", "Non", "", ""]
    assert [payload().answer(key) for key in keys] == said


def test_the_digest_covers_the_salt_then_the_text() -> None:
    expected = hashlib.sha256(bytes(range(32)) + "é".encode()).hexdigest()
    assert digest_of(canonical_text="é", salt=bytes(range(32)).hex()) == f"sha256:{expected}"


def test_two_seals_of_one_payload_have_different_digests() -> None:
    digests = {digest_of(canonical_text=payload().canonical(), salt=new_salt()) for _time in range(3)}
    assert len(digests) == 3


def test_a_payload_of_a_later_schema_is_refused() -> None:
    with pytest.raises(UnknownSchemaError):
        Payload.parse(payload().canonical().replace('"schema":4', '"schema":5'))


@pytest.mark.parametrize(
    "schema,unknown_then",
    [(1, ["extension", "moved", "complement"]), (2, ["moved", "complement"]), (3, ["complement"])],
)
def test_a_payload_of_an_earlier_schema_is_read_as_it_was_sealed(
    schema: int, unknown_then: list[str]
) -> None:
    sealed = json.loads(payload().canonical())
    for name in unknown_then:
        del sealed[name]
    sealed["schema"] = schema
    assert Payload.parse(json.dumps(sealed)) == payload(extension=None, moved=None, complement=None)


COMPLEMENT = SealedComplement("2026-10-12T14:30:00Z", "Il manque une page.", "2026-10-23T04:00:00Z")


@pytest.mark.parametrize(
    "changes, told",
    [
        (
            {"moved": MovedClosing("2026-09-25T04:00:00Z", "2026-09-20T14:30:00Z")},
            {"first_closing": "2026-09-25T00:00:00-04:00", "moved_at": "2026-09-20T10:30:00-04:00"},
        ),
        (
            {"extension": SealedExtension("2026-10-05T04:00:00Z")},
            {"extended_until": "2026-10-05T00:00:00-04:00", "closed_at": "2026-10-05T00:00:00-04:00"},
        ),
        (
            {"complement": COMPLEMENT},
            {
                "complement_asked_at": "2026-10-12T10:30:00-04:00",
                "complement_until": "2026-10-23T00:00:00-04:00",
                "closed_at": "2026-10-23T00:00:00-04:00",
            },
        ),
        (
            {"complement": COMPLEMENT, "extension": SealedExtension("2026-11-05T05:00:00Z")},
            {"closed_at": "2026-11-05T00:00:00-05:00"},
        ),
    ],
    ids=["a moved closing", "an extension", "a complement", "a complement of an extended person"],
)
def test_an_instant_is_read_back_in_the_time_zone_of_the_offer(
    changes: dict[str, Any], told: dict[str, str]
) -> None:
    made = payload(**changes)
    assert Payload.parse(made.canonical()) == made
    assert {name: getattr(made, name).isoformat() for name in told} == told
    assert {getattr(payload(), name) for name in told.keys() - {"closed_at"}} <= {None}
