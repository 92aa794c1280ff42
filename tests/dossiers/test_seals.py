"""A seal is written once, read back and checked, and no role can change or delete it."""

from typing import Any

import psycopg
import pytest

from intake.dossiers.models import Seal
from intake.dossiers.services import AlteredError, AnonymisedError, read_seal, verify_seal
from tests.factories.documents import AT
from tests.factories.payloads import payload, seal_payload


@pytest.mark.django_db
def test_a_sealed_payload_is_read_back_and_verified() -> None:
    seal = Seal.objects.get(pk=seal_payload(payload=payload(), at=AT).pk)
    assert read_seal(seal) == payload()
    verify_seal(seal)
    assert (seal.schema, seal.created_at) == (4, AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"canonical": payload().canonical().replace("Côté", "Coté")},
        {"salt": "00" * 32},
        {"digest": "sha256:" + "0" * 64},
    ],
)
def test_one_changed_byte_of_a_seal_is_detected(change: dict[str, str]) -> None:
    seal = seal_payload(payload=payload(), at=AT)
    for field, value in change.items():
        setattr(seal, field, value)
    with pytest.raises(AlteredError):
        verify_seal(seal)


def test_reading_an_anonymised_seal_raises_its_own_error() -> None:
    seal = Seal(digest="sha256:" + "0" * 64, schema=1, canonical=None, salt=None, created_at=AT)
    with pytest.raises(AnonymisedError):
        read_seal(seal)
    with pytest.raises(AnonymisedError):
        verify_seal(seal)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE dossiers_seal SET salt = NULL", "DELETE FROM dossiers_seal", "TRUNCATE dossiers_seal CASCADE"],
)
def test_the_application_has_no_privilege_to_change_a_seal(
    app_connection: psycopg.Connection[tuple[Any, ...]], statement: str
) -> None:
    seal_payload(payload=payload(), at=AT)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_connection.execute(statement)
