"""One key signs, all of them verify, and what is published suffices."""

import base64
import json
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from intake.signing.keys import KeySet, Signature, UnreadableKeysError, in_low_form
from intake.signing.own import NoKeyError, _certificate, current_key, known_keys
from intake.signing.services import AmbiguousMessageError, sign, verify
from tests.factories.receipts import in_its_other_form

OLD, NEW = "11" * 32, "22" * 32


def said(*arguments: str) -> Any:
    out = StringIO()
    call_command("signing_keys", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_a_signature_is_of_one_message_by_one_key() -> None:
    signed = sign(b"{}")
    assert verify(b"{}", signed)
    assert sign(b"{}") == signed  # deterministic: signing twice tells nothing more
    assert not verify(b"{ }", signed)
    assert not verify(b"{}", Signature(key_id=signed.key_id, value=signed.value[:-1] + b"\0"))
    assert not verify(b"{}", Signature(key_id=signed.key_id, value=b""))
    assert not verify(b"{}", Signature(key_id="another", value=signed.value))


def test_of_a_signature_s_two_forms_the_low_one_is_given_out_and_the_other_is_refused() -> None:
    """A low one is at most half of the order, SEC 2's n of secp256r1."""
    order = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)
    for rank in range(16):
        signed = sign(b"{%d}" % rank)
        assert decode_dss_signature(signed.value)[1] <= order // 2
        other = in_its_other_form(signed.value)
        assert other != signed.value
        assert in_low_form(other) == in_low_form(signed.value) == signed.value
        assert verify(b"{%d}" % rank, signed)
        assert not verify(b"{%d}" % rank, Signature(key_id=signed.key_id, value=other))


def test_what_could_be_taken_for_a_pdf_signature_is_not_signed() -> None:
    with pytest.raises(AmbiguousMessageError):
        sign(b"\x31\x81\xaf")


def test_a_retired_key_verifies_and_signs_nothing(settings: Settings) -> None:
    settings.SIGNING_KEYS = {"old": OLD}
    signed = sign(b"kept")
    retired = said("--retire", "old")["setting"]
    assert OLD not in retired
    settings.SIGNING_KEYS = {"new": NEW, "old": retired.removeprefix("old:")}
    assert verify(b"kept", signed)
    assert sign(b"kept").key_id != signed.key_id
    settings.SIGNING_KEYS = {"new": NEW}
    assert not verify(b"kept", signed)


def test_nothing_is_signed_without_a_key(settings: Settings) -> None:
    settings.SIGNING_KEYS = {}
    with pytest.raises(NoKeyError):
        sign(b"{}")
    assert said() == {"keys": []}


def test_the_published_keys_suffice_to_verify(client: Client, settings: Settings) -> None:
    settings.SIGNING_KEYS = {"old": OLD}
    signed = sign(b"kept")
    settings.SIGNING_KEYS = {"new": NEW, "old": OLD}
    answer = client.get("/verifier/cles.json")
    assert answer.headers["Content-Type"] == "application/jwk-set+json"
    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert "public" in answer.headers["Cache-Control"]
    published = KeySet.parse(answer.content)
    assert published == known_keys()
    assert published.verify(b"kept", signed)
    rows = answer.json()["keys"]
    assert [(row["name"], row["current"], "x5c" in row) for row in rows] == [
        ("new", True, True),
        ("old", False, False),
    ]
    assert OLD not in answer.text
    assert NEW not in answer.text
    assert rows == json.loads(json.dumps(said()["keys"]))


def test_a_key_of_another_sort_is_passed_over() -> None:
    text = json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}, *said()["keys"]]})
    assert KeySet.parse(text) == known_keys()


def test_keys_of_which_one_member_is_given_twice_are_refused() -> None:
    text = json.dumps({"keys": said()["keys"]})
    assert KeySet.parse(text) == known_keys()
    for doubled in ('{"keys":[],' + text[1:], text.replace('"x":', '"x":"AA","x":', 1)):
        assert json.loads(doubled) == json.loads(text)
        with pytest.raises(UnreadableKeysError):
            KeySet.parse(doubled)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"keys": []}',
        '{"keys": [1]}',
        '{"keys": [{"crv": "P-256"}]}',
        '{"keys": [{"crv": "P-256", "x": "AA", "y": "AA"}]}',
        '{"keys": [{"crv": "P-256", "x": 1, "y": 2}]}',
        "[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_set_of_keys_is_refused(text: str | bytes) -> None:
    with pytest.raises(UnreadableKeysError):
        KeySet.parse(text)


def test_the_id_is_the_thumbprint_of_rfc_7638() -> None:
    """Section 3.1's recipe, done by hand: the required members, sorted, without a space, digested."""
    key = current_key().public
    text = f'{{"crv":"P-256","kty":"EC","x":"{key.members["x"]}","y":"{key.members["y"]}"}}'
    digest = subprocess.run(
        ["openssl", "dgst", "-sha256", "-binary"], input=text.encode(), check=True, capture_output=True
    ).stdout
    assert key.key_id == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_the_certificate_is_the_keys_own_and_always_the_same() -> None:
    own = current_key()
    certificate = own.certificate
    certificate.verify_directly_issued_by(certificate)
    assert certificate.public_key() == own.public.key
    again = _certificate(own.public, own.private, "Stages en organisations internationales gouvernementales")
    assert again.public_bytes(Encoding.DER) == certificate.public_bytes(Encoding.DER)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign


def test_openssl_verifies_what_the_portal_signs(tmp_path: Path) -> None:
    own = current_key()
    message = b"a third party reads this"
    (tmp_path / "message").write_bytes(message)
    (tmp_path / "signature").write_bytes(sign(message).value)
    pem = own.public.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message"]
    assert b"Verified OK" in subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    (tmp_path / "message").write_bytes(message + b".")
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 1


def test_a_new_key_is_one_that_the_setting_takes(settings: Settings) -> None:
    name, _colon, secret = said("--new", "2031")["setting"].partition(":")
    settings.SIGNING_KEYS = {name: secret}
    assert verify(b"{}", sign(b"{}"))
    assert said("--new", "2031") != said("--new", "2031")


def test_a_key_that_nobody_named_is_not_retired() -> None:
    with pytest.raises(CommandError, match="aucune") as refused:
        call_command("signing_keys", "--retire", "nobody")
    assert refused.value.returncode == 2
