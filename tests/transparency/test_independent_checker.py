"""A proof fetched over HTTP: an independent program accepts it, and refuses it once it is changed."""

import base64
import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from intake.transparency.leaves import hash_text
from intake.transparency.models import Leaf
from tests.transparency.conftest import FakeReceiptSource, publish, publish_new

CHECKER = Path(__file__).with_name("independent_checker.py")

pytestmark = pytest.mark.django_db(transaction=True)


def _check(proof_url: str, keys_url: str, leaf: str) -> tuple[int, str]:
    # -I and -S: only the standard library can be imported.
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKER), proof_url, keys_url, leaf],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": ""},
    )
    assert not done.stderr
    return done.returncode, done.stdout


def test_a_proof_fetched_over_http_is_accepted_and_a_changed_one_refused(
    shelf: FakeReceiptSource, live_server: LiveServer, tmp_path: Path
) -> None:
    publish()
    shelf.receive(13)
    publish_new()
    leaf = Leaf.objects.get(position=9).text
    url = f"{live_server.url}/verifier/registre/preuves/{hash_text(leaf).hex()}.json"
    keys = f"{live_server.url}/verifier/cles.json"
    assert _check(url, keys, leaf) == (0, "the leaf is under a signed root")
    assert _check(url, keys, leaf.replace("2027-020", "2027-021")) == (1, "the leaf is not under the root")

    with urllib.request.urlopen(url) as answer:  # noqa: S310 -- URL of this test
        proof: dict[str, Any] = json.load(answer)
    changed = tmp_path / "proof.json"

    def checked(**changes: Any) -> str:
        changed.write_text(json.dumps(proof | changes))
        status, said = _check(changed.as_uri(), keys, leaf)
        assert status == 1
        return said

    root = proof["root"]
    flipped = bytearray(base64.b64decode(root["signature"]))
    flipped[-1] ^= 1
    unsigned = "the root is not signed by a published key"
    assert checked(root=root | {"signature": base64.b64encode(flipped).decode()}) == unsigned
    assert checked(root=root | {"signed": root["signed"] | {"size": 14}}) == unsigned
    assert checked(index=8) == checked(path=proof["path"][1:]) == "the leaf is not under the root"
