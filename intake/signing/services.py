"""Sign and verify bytes, and publish what verifying needs."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from intake.signing.keys import Signature, key_set_json, to_low_s

from .signing_key import current_key, known_keys

_SET_OF_DER = 0x31


class AmbiguousMessageError(ValueError):
    """The bytes begin as what a PDF signature signs: signing them could make one by the side."""

    code = "AMBIGUOUS_MESSAGE"


def sign(message: bytes) -> Signature:
    """Sign `message` by the current key: ECDSA on P-256 over SHA-256, deterministic (RFC 6979), in its low form.

    A message says by itself what it is of, in its first bytes or by a member of its own: the same key signs several
    sorts. It never begins by the byte 0x31 (the figure 1), which begins the signed attributes of a PDF signature.

    :raises NoKeyError: there is no key.
    :raises AmbiguousMessageError: it begins so.
    """
    if message[:1] == bytes([_SET_OF_DER]):
        raise AmbiguousMessageError
    own = current_key()
    value = own.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
    return Signature(key_id=own.public.key_id, value=to_low_s(value))


def verify(message: bytes, signature: Signature) -> bool:
    """Tell whether `signature` is of one of the portal's keys, the current one or an older one, over `message`."""
    return known_keys().verify(message, signature)


def published_keys() -> dict[str, Any]:
    """Return what the portal publishes: a JWK Set (RFC 7517), the current key first and with its certificate.

    Beside the RFC's members each key has the `name` of its setting, and `current`.
    """
    said = key_set_json(known_keys())
    for rank, row in enumerate(said["keys"]):
        row["current"] = rank == 0
        if rank == 0:
            certificate = current_key().certificate.public_bytes(Encoding.DER)
            row["x5c"] = [base64.b64encode(certificate).decode()]
    return said
