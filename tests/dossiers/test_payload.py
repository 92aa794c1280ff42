"""A payload has exactly one encoding, is read back as sealed, and its digest does not reveal it."""

import hashlib
import json
import unicodedata
from dataclasses import replace

import pytest

from intake.dossiers.sealed_payload import (
    SCHEMA,
    Answer,
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


def test_every_answer_counts_in_the_digest() -> None:
    salt = "00" * 32
    section = payload().sections[0]
    changed = replace(
        section, answers=(*section.answers[:-1], Answer("postal_code", "Code postal", "H2X 3K3"))
    )
    before = digest_of(canonical_text=payload().canonical(), salt=salt)
    after = digest_of(
        canonical_text=payload(sections=(changed, *payload().sections[1:])).canonical(), salt=salt
    )
    assert before != after


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


def test_a_moved_closing_is_read_back_in_the_time_zone_of_the_offer() -> None:
    moved = payload(moved=MovedClosing("2026-09-25T04:00:00Z", "2026-09-20T14:30:00Z"))
    assert Payload.parse(moved.canonical()) == moved
    assert moved.first_closing is not None
    assert moved.moved_at is not None
    assert moved.first_closing.isoformat() == "2026-09-25T00:00:00-04:00"
    assert moved.moved_at.isoformat() == "2026-09-20T10:30:00-04:00"
    assert payload().first_closing is payload().moved_at is None


def test_the_answered_complement_is_read_back_on_the_clock_of_the_offer() -> None:
    answers = payload(
        complement=SealedComplement("2026-10-12T14:30:00Z", "Il manque une page.", "2026-10-23T04:00:00Z")
    )
    assert Payload.parse(answers.canonical()) == answers
    assert answers.complement_asked_at is not None
    assert answers.complement_until is not None
    assert answers.complement_asked_at.isoformat() == "2026-10-12T10:30:00-04:00"
    assert answers.complement_until.isoformat() == "2026-10-23T00:00:00-04:00"
    assert answers.closed_at == answers.complement_until
    assert payload().complement_asked_at is payload().complement_until is None
    given = replace(answers, extension=SealedExtension("2026-11-05T05:00:00Z"))
    assert given.closed_at == given.extended_until
    assert payload().closed_at.isoformat().startswith("2026-10-0")


def test_a_personal_extension_is_read_back_in_the_time_zone_of_the_offer() -> None:
    given = payload(extension=SealedExtension("2026-10-05T04:00:00Z"))
    assert Payload.parse(given.canonical()) == given
    assert given.extended_until is not None
    assert given.extended_until.isoformat() == "2026-10-05T00:00:00-04:00"
    assert payload().extended_until is None
