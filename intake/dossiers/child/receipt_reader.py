"""Verify a PDF that may be a receipt: `python -m intake.dossiers.child.receipt_reader ROOM`. No Django, no network.

The directory ROOM contains `in.pdf` and `keys.json`, the accepted keys. Writes `result.json` and exits with 0. Any
other exit code: the file could not be parsed within the limits.
"""

import hashlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from intake.documents.child.limits import exit_with_parent
from intake.dossiers.child.receipt_format import NAMESPACE
from intake.signing.keys import KeySet, PublicKey, is_low_s

from . import sandbox

_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # DER AlgorithmIdentifier with NULL parameters


def main(room: Path) -> None:
    """Verify `in.pdf` in `room` and write `result.json`."""
    exit_with_parent()
    sandbox.READING.apply()
    from pyhanko.sign.validation import generic_cms  # noqa: F401, PLC0415 -- must load before the sandbox

    sandbox.enter_sandbox(set(), room)
    keys = KeySet.parse((room / "keys.json").read_bytes())
    result = read((room / "in.pdf").read_bytes(), keys)
    (room / "result.json").write_text(json.dumps(result), encoding="utf-8")


def read(content: bytes, keys: KeySet) -> dict[str, str]:
    """Return `facts` and `key_id` if one of `keys` signed the whole file, else `problem`, a `receipt_file.Problem`."""
    from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415 -- heavy, and only here
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 -- heavy, and only here

    try:
        reader = PdfFileReader(io.BytesIO(content), strict=True)
        signatures = list(reader.embedded_signatures)
        if len(signatures) != 1:
            return {"problem": "BYTES"}
        problem, key_id = _check_signature(content, signatures[0], keys)
        if problem:
            return {"problem": problem}
        return {"facts": _facts(reader), "key_id": key_id}
    except (PdfError, ValueError, TypeError, AttributeError, LookupError):
        return {"problem": "BYTES"}
    except (RecursionError, NotImplementedError, ArithmeticError, ET.ParseError):
        # ArithmeticError: a malformed decimal number raises `decimal.InvalidOperation`.
        return {"problem": "BYTES"}


def _check_signature(content: bytes, signature: Any, keys: KeySet) -> tuple[str, str]:
    """Return the problem of the signature, empty if it is valid, and the id of its key."""
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 -- heavy, and only here
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 -- heavy, and only here
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity  # noqa: PLC0415 -- heavy, only here
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415 -- heavy, and only here

    first, length, second, rest = (int(part) for part in signature.byte_range)
    if first != 0 or not _is_canonical_encoding(content[length:second], signature):
        return "BYTES", ""
    certificate = load_der_x509_certificate(signature.signer_cert.dump())
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        return "KEY", ""
    key_id = PublicKey.of("", public).key_id
    intact, valid = validate_sig_integrity(
        signature.signer_info,
        signature.signer_cert,
        expected_content_type="data",
        actual_digest=signature.compute_digest(),
    )
    if not (intact and valid):
        return "BYTES", ""
    if key_id not in keys.keys:
        return "KEY", ""
    if second + rest < len(content):
        return "ADDED", ""
    whole = signature.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE
    return ("", key_id) if whole else ("BYTES", "")


def _is_canonical_encoding(gap: bytes, signature: Any) -> bool:
    """True if `gap`, the bytes of the signature itself, has the only encoding that the portal writes.

    The signature does not cover these bytes: its hexadecimal text, its padding and its unsigned parts could otherwise
    be changed unnoticed.
    """
    from asn1crypto.cms import ContentInfo  # noqa: PLC0415 -- heavy, and only here
    from asn1crypto.parser import peek  # noqa: PLC0415 -- heavy, and only here

    contents = bytes(signature.pkcs7_content)
    length = peek(contents)
    signed, signer = signature.signed_data, signature.signer_info
    certificates = [choice.chosen for choice in signed["certificates"]]
    named = signer["signed_attrs"]
    ess = [row["values"][0] for row in named if row["type"].native == "signing_certificate_v2"]
    sid = signer["sid"].chosen
    return (
        gap == b"<%s>" % contents.hex().upper().encode()
        and not any(contents[length:])
        and ContentInfo.load(contents[:length]).dump(force=True) == contents[:length]
        and signed["version"].native == "v1"
        and signer["version"].native == "v1"
        and [row.dump() for row in signed["digest_algorithms"]] == [_SHA256]
        and signer["digest_algorithm"].dump() == _SHA256
        and signer["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
        and is_low_s(signer["signature"].native)
        and not signed["crls"]
        and not signer["unsigned_attrs"]
        and len(certificates) == 1
        and len(ess) == 1
        and ess[0]["certs"][0]["cert_hash"].native == hashlib.sha256(certificates[0].dump()).digest()
        and sid["serial_number"].native == certificates[0].serial_number
        and sid["issuer"].dump() == certificates[0].issuer.dump()
    )


def _facts(reader: Any) -> str:
    """Return the statement in the metadata. Call it only after the signature is verified."""
    metadata = reader.root["/Metadata"].data
    name = f"{{{NAMESPACE}}}facts"
    for element in ET.fromstring(metadata).iter():  # noqa: S314 -- signed by the portal, as verified above
        if name in element.attrib:
            return str(element.attrib[name])
        if element.tag == name:
            return str(element.text)
    message = "a signed file without facts"
    raise ValueError(message)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)
