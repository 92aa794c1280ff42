"""Sign and verify bytes, and return the keys to publish."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from intake.signing.keys import Signature, key_set_json, to_low_s

from .signing_key import current_key, known_keys

_SET_OF_DER = 0x31


class AmbiguousMessageError(ValueError):
    """The bytes start like the signed attributes of a PDF signature: their signature could serve as one."""

    code = "AMBIGUOUS_MESSAGE"


def sign(message: bytes) -> Signature:
    """Sign `message` with the current key: ECDSA on P-256 over SHA-256, deterministic (RFC 6979), low-S.

    The same key signs several kinds of message, so each must name its kind, in its first bytes or in a member. A
    message never starts with the byte 0x31 (the character 1), which starts the signed attributes of a PDF signature.

    :raises NoKeyError: if there is no key.
    :raises AmbiguousMessageError: if `message` starts with that byte.
    """
    if message[:1] == bytes([_SET_OF_DER]):
        raise AmbiguousMessageError
    own = current_key()
    value = own.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
    return Signature(key_id=own.public.key_id, value=to_low_s(value))


def verify(message: bytes, signature: Signature) -> bool:
    """True if `signature` is by one of the portal's keys, current or older, over `message`."""
    return known_keys().verify(message, signature)


def published_keys() -> dict[str, Any]:
    """Return the published JWK Set (RFC 7517), the current key first and with its certificate.

    In addition to the RFC's members, each key has the `name` of its setting, and `current`.
    """
    said = key_set_json(known_keys())
    for rank, row in enumerate(said["keys"]):
        row["current"] = rank == 0
        if rank == 0:
            certificate = current_key().certificate.public_bytes(Encoding.DER)
            row["x5c"] = [base64.b64encode(certificate).decode()]
    return said
