"""Check a proof of inclusion without the portal's code: with the standard library and published data only.

python -I independent_checker.py PROOF_URL KEYS_URL LEAF

Written from RFC 9162 (sections 2.1.1 and 2.1.3.2), RFC 7517 and FIPS 186-5 (P-256). Prints one line. Exits 0 if LEAF,
the text of a receipt's leaf, is under a root that one of the published keys signed, otherwise 1.
"""

import base64
import hashlib
import json
import sys
import urllib.request
from typing import Any

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
type Point = tuple[int, int] | None
"""A point of the curve; None is the point at infinity."""


def fetch(url: str) -> Any:
    """Return the JSON at an address."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- URL from the command line
        return json.load(answer)


def add(one: Point, other: Point) -> Point:
    """Return the sum of two points."""
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def times(k: int, point: Point) -> Point:
    """Return `k` times a point."""
    total: Point = None
    while k:
        if k & 1:
            total = add(total, point)
        point, k = add(point, point), k >> 1
    return total


def numbers_of(der: bytes) -> tuple[int, int]:
    """Return the two integers of an ECDSA signature in DER."""
    first, rest = der[4 : 4 + der[3]], der[4 + der[3] :]
    assert (der[0], der[1], der[2], rest[0], rest[1]) == (0x30, len(der) - 2, 2, 2, len(rest) - 2)
    return int.from_bytes(first), int.from_bytes(rest[2:])


def is_signed(message: bytes, signature: bytes, key: Any) -> bool:
    """True if `key` signed `message` (FIPS 186-5, section 6.4.2)."""
    r, s = numbers_of(signature)
    digest = int.from_bytes(hashlib.sha256(message).digest())
    x, y = (int.from_bytes(base64.urlsafe_b64decode(key[name] + "==")) for name in "xy")
    if not (0 < r < N and 0 < s < N):
        return False
    inverse = pow(s, -1, N)
    point = add(times(digest * inverse % N, G), times(r * inverse % N, (x, y)))
    return point is not None and point[0] % N == r


def root_from(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root that a path leads to, by the steps of RFC 9162, section 2.1.3.2."""
    fn, sn = index, size - 1
    r = hashlib.sha256(b"\x00" + leaf).digest()
    for p in path:
        if sn == 0:
            return None
        if fn % 2 == 1 or fn == sn:
            r = hashlib.sha256(b"\x01" + p + r).digest()
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = hashlib.sha256(b"\x01" + r + p).digest()
        fn, sn = fn // 2, sn // 2
    return r if sn == 0 else None


def main(proof_url: str, keys_url: str, leaf: str) -> str:
    """Return the fault of a proof, or an empty text."""
    proof, keys = fetch(proof_url), fetch(keys_url)
    root = proof["root"]
    signed = json.dumps(root["signed"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    signature = base64.b64decode(root["signature"])
    if not any(is_signed(signed, signature, key) for key in keys["keys"] if key["kid"] == root["key_id"]):
        return "the root is not signed by a published key"
    path = [bytes.fromhex(part) for part in proof["path"]]
    size, expected = root["signed"]["size"], bytes.fromhex(root["signed"]["hash"])
    if proof["index"] >= size or root_from(leaf.encode(), proof["index"], size, path) != expected:
        return "the leaf is not under the root"
    return ""


if __name__ == "__main__":
    fault = main(*sys.argv[1:4])
    sys.stdout.write(fault or "the leaf is under a signed root")
    sys.exit(bool(fault))
