"""One key signs, all keys verify, and the published keys suffice to verify."""

import base64
import hashlib
import json
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from intake.settings.services import signing_keys as read_signing_keys
from intake.signing.keys import KeySet, Signature, UnreadableKeysError, is_low_s, to_low_s
from intake.signing.services import AmbiguousMessageError, NoKeyError, current_key, known_keys, sign, verify
from tests.factories.receipts import in_its_other_form

OLD, NEW = "11" * 32, "22" * 32


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("signing_keys", *arguments, stdout=out)
    return out.getvalue().rstrip("\n")


def test_a_signature_verifies_only_with_its_message_and_key() -> None:
    signed = sign(b"{}")
    assert verify(b"{}", signed)
    assert sign(b"{}") == signed  # deterministic: a second signature reveals nothing
    assert not verify(b"{ }", signed)
    assert not verify(b"{}", Signature(key_id=signed.key_id, value=signed.value[:-1] + b"\0"))
    assert not verify(b"{}", Signature(key_id=signed.key_id, value=b""))
    assert not verify(b"{}", Signature(key_id="another", value=signed.value))


def test_signatures_have_a_low_s_and_a_high_s_is_refused() -> None:
    """The low form has s at most half of the order of secp256r1 (SEC 2)."""
    order = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)
    for rank in range(16):
        signed = sign(b"{%d}" % rank)
        assert decode_dss_signature(signed.value)[1] <= order // 2
        other = in_its_other_form(signed.value)
        assert other != signed.value
        assert to_low_s(other) == to_low_s(signed.value) == signed.value
        assert verify(b"{%d}" % rank, signed)
        assert not verify(b"{%d}" % rank, Signature(key_id=signed.key_id, value=other))


def test_a_signature_is_encoded_in_der_with_the_low_s_value() -> None:
    order = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)
    numbers = (0, 1, order // 2, order // 2 + 1, order - 1, order, order + 5)
    low = [number for number in numbers if is_low_s(encode_dss_signature(1, number))]
    assert low == [0, 1, order // 2]
    good = encode_dss_signature(1, 1)
    negative = bytes([0x30, 6, 2, 1, 1, 2, 1, 0x81])
    assert [is_low_s(value) for value in (good, b"", good[:-1], good + b"\0", negative)] == [True] + [
        False
    ] * 4


def test_signature_certificate_and_published_keys_are_deterministic(settings: Settings) -> None:
    """Receipts contain these values since the first one: no library may change them."""
    settings.SIGNING_KEYS = {"new": NEW, "old": OLD}
    assert sign(b"{}") == Signature(
        key_id="IYSTfWVkEEZyrkea6dxuW3QW2EKDRcVFfBIUXpYO0Rc",
        value=bytes.fromhex(
            "3044022007608ebf365050ffc94afa528b9da377075abe8cc9d89ffcaf5d438cc04d8594"
            "0220529fa6aebe685635fd887e59773d98d9e1525cab1483aca123464bed3ec990aa"
        ),
    )
    certificate = current_key().certificate.public_bytes(Encoding.DER)
    digest = hashlib.sha256(certificate).hexdigest()
    assert digest == "025ede6256e79f0a35db9e08e6c2ed0fdcda602e877e4195d2b1f124b8c4c2be"
    published = json.loads(printed())
    assert published == {
        "keys": [
            {
                "crv": "P-256",
                "kty": "EC",
                "x": "1lqTl3yqPRsIGFL_V6eeRl8WYFdzBLrq1QXdOkhYnPM",
                "y": "UBheiVNy32Ih6joTdVfkc_3bZ1XwW9UHw8Uz_OnJEoU",
                "use": "sig",
                "alg": "ES256",
                "kid": "IYSTfWVkEEZyrkea6dxuW3QW2EKDRcVFfBIUXpYO0Rc",
                "name": "new",
                "current": True,
                "x5c": [base64.b64encode(certificate).decode()],
            },
            {
                "crv": "P-256",
                "kty": "EC",
                "x": "AhfmF_C2RDkoJ4-WmZ5pojpPLBUr321s32bluAKC1O0",
                "y": "GUp968uXcS0t2jyoWqh2Wlb0X8dYWZZS8ol8ZTBuV5Q",
                "use": "sig",
                "alg": "ES256",
                "kid": "OEurnbzOGbRad4qOD9lNK8VYMQGvg5cmLnVKeydAqL4",
                "name": "old",
                "current": False,
            },
        ]
    }
    nameless = json.dumps({"keys": [{"crv": "P-256", **_point(published["keys"][1])}]})
    assert [(key.name, key_id) for key_id, key in KeySet.parse(nameless).keys.items()] == [
        ("", "OEurnbzOGbRad4qOD9lNK8VYMQGvg5cmLnVKeydAqL4")
    ]
    settings.SIGNING_CERTIFICATE_NAME = "Un autre portail"
    assert current_key().certificate.subject.rfc4514_string() == "CN=Un autre portail"


def _point(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in "xy"}


def test_a_message_that_resembles_a_pdf_signature_is_not_signed() -> None:
    for message in (b"\x31\x81\xaf", b"1"):
        with pytest.raises(AmbiguousMessageError):
            sign(message)
    for message in (b"", b"0", b"21"):
        assert verify(message, sign(message))


def test_a_retired_key_verifies_but_does_not_sign(settings: Settings) -> None:
    settings.SIGNING_KEYS = {"old": OLD}
    signed = sign(b"kept")
    retired = printed("--retire", "old")
    assert retired == "old:020217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282d4ed"
    settings.SIGNING_KEYS = {"new": NEW, "old": retired.removeprefix("old:")}
    assert verify(b"kept", signed)
    assert sign(b"kept").key_id != signed.key_id
    settings.SIGNING_KEYS = {"new": NEW}
    assert not verify(b"kept", signed)


def test_signing_without_a_key_is_refused(settings: Settings) -> None:
    settings.SIGNING_KEYS = {}
    with pytest.raises(NoKeyError):
        sign(b"{}")
    assert json.loads(printed()) == {"keys": []}


def test_a_web_server_with_public_halves_verifies_publishes_and_signs_nothing(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SIGNING_KEYS = {"new": NEW, "old": OLD}
    signed, published = sign(b"kept"), client.get("/verifier/cles.json").json()
    out = StringIO()
    call_command("signing_keys", "--web", stdout=out)
    assert NEW not in out.getvalue()
    lines = dict(line.split("=", 1) for line in out.getvalue().splitlines())
    settings.SIGNING_KEYS = read_signing_keys(lines["SIGNING_KEYS"])
    settings.SIGNING_CERTIFICATE = lines["SIGNING_CERTIFICATE"]
    assert verify(b"kept", signed)
    assert client.get("/verifier/cles.json").json() == published
    with pytest.raises(NoKeyError):
        sign(b"kept")
    settings.SIGNING_KEYS = dict(reversed(settings.SIGNING_KEYS.items()))
    assert "x5c" not in client.get("/verifier/cles.json").json()["keys"][0]
    assert "SIGNING_CERTIFICATE is not of the current key" in caplog.text
    settings.SIGNING_CERTIFICATE = ""
    assert "x5c" not in client.get("/verifier/cles.json").json()["keys"][0]


def test_a_signature_is_verified_with_only_the_published_keys(client: Client, settings: Settings) -> None:
    settings.SIGNING_KEYS = {"old": OLD}
    signed = sign(b"kept")
    settings.SIGNING_KEYS = {"new": NEW, "old": OLD}
    answer = client.get("/verifier/cles.json")
    assert answer.headers["Content-Type"] == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.text == json.dumps(answer.json(), indent=2)
    assert client.post("/verifier/cles.json").status_code == 405
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
    assert rows == json.loads(json.dumps(json.loads(printed())["keys"]))


def test_a_key_of_another_type_is_ignored() -> None:
    text = json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}, *json.loads(printed())["keys"]]})
    assert KeySet.parse(text) == known_keys()


def test_a_key_set_with_a_duplicate_member_is_refused() -> None:
    text = json.dumps({"keys": json.loads(printed())["keys"]})
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
def test_an_invalid_set_of_keys_is_refused(text: str | bytes) -> None:
    with pytest.raises(UnreadableKeysError):
        KeySet.parse(text)


def test_openssl_verifies_a_signature_of_the_portal(tmp_path: Path) -> None:
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


def test_a_generated_key_is_accepted_by_the_setting(settings: Settings) -> None:
    """What is printed is what the variable takes."""
    entry = printed("--new", "2031")
    settings.SIGNING_KEYS = read_signing_keys(entry)
    assert verify(b"{}", sign(b"{}"))
    assert list(settings.SIGNING_KEYS) == ["2031"]
    assert printed("--new", "2031") != entry


def test_an_unknown_key_cannot_be_retired() -> None:
    with pytest.raises(CommandError, match="aucune") as refused:
        call_command("signing_keys", "--retire", "nobody")
    assert refused.value.returncode == 2
