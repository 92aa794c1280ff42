"""A receipt includes or downloads its proof of inclusion in the public log, and verifiers check the proof."""

import json
from base64 import b64encode
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from eligibility.canonical import canonical
from intake.dossiers import downloads
from intake.dossiers.models import SignedReceipt
from intake.dossiers.receipts.receipt_file import Problem, make_json_receipt, read_receipt
from intake.dossiers.receipts.statement import ReceiptStatement
from intake.signing.services import known_keys, published_keys, sign
from intake.submissions.receipts.queries import statement_of
from intake.transparency.documents import statement_of_root
from intake.transparency.leaves import hash_text, leaf_text
from intake.transparency.models import Root
from intake.transparency.selectors import expected_by
from intake.transparency.services import append_leaves, publish_root
from tests.dossiers.test_verify_command import run
from tests.factories.submissions import make_filing

pytestmark = pytest.mark.django_db
PROOF = "/verifier/preuve.json"


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    cache.clear()


@pytest.fixture(scope="module")
def kept_filed(module_db: None) -> ReceiptStatement:
    make_filing()
    return statement_of(make_filing())


@pytest.fixture
def filed(kept_filed: ReceiptStatement) -> ReceiptStatement:
    """The statement of one of two receipts that are not in the log yet."""
    return deepcopy(kept_filed)


def _publish() -> None:
    append_leaves()
    publish_root()


def _fetched(facts: ReceiptStatement, **changes: str) -> Any:
    return Client().get(PROOF, {"numero": facts.number, "code": facts.code} | changes)


def _twin(facts: ReceiptStatement, log: object) -> bytes:
    return json.dumps(json.loads(make_json_receipt(facts, sign(facts.canonical()))) | {"log": log}).encode()


def test_a_proof_requires_number_and_code_and_all_refusals_are_identical(filed: ReceiptStatement) -> None:
    assert _fetched(filed).status_code == 404  # no root covers it yet
    _publish()
    proof = _fetched(filed)
    assert proof.status_code == 200
    assert json.loads(json.loads(proof.content)["leaf"])["number"] == filed.number
    wrong = [
        _fetched(filed, code="0000-0000-0000"),
        _fetched(filed, numero="2027-999-000001-A"),
        _fetched(filed, numero=""),
        Client().get(PROOF),
    ]
    assert {(answer.status_code, answer.content) for answer in wrong} == {(404, b'{"found": false}')}


def test_a_json_receipt_is_accepted_only_with_its_own_proof(filed: ReceiptStatement) -> None:
    _publish()
    proof = _fetched(filed).json()
    found = read_receipt(_twin(filed, proof), known_keys())
    assert found.facts == filed
    assert found.logged is not None
    assert (found.logged.index, found.logged.root.size) == (1, 2)
    other = statement_of(make_filing())
    for facts, log in [(filed, proof | {"index": 0}), (filed, None), (filed, {}), (other, proof)]:
        assert read_receipt(_twin(facts, log), known_keys()).problem is Problem.LOG


def test_a_downloaded_json_receipt_contains_its_proof_once_published(filed: ReceiptStatement) -> None:
    receipt = SignedReceipt(number=filed.number, twin=make_json_receipt(filed, sign(filed.canonical())))
    assert downloads._with_log_proof(receipt) == receipt.twin
    append_leaves()
    assert downloads._with_log_proof(receipt) == receipt.twin
    publish_root()
    found = read_receipt(downloads._with_log_proof(receipt).encode(), known_keys())
    assert found.facts == filed
    assert found.logged is not None


def test_the_command_checks_a_proof_with_only_the_published_keys(
    filed: ReceiptStatement, tmp_path: Path
) -> None:
    _publish()
    files = {name: tmp_path / name for name in ("keys", "twin.json", "proof", "other", "broken", "doubled")}
    files["keys"].write_text(json.dumps(published_keys()))
    files["twin.json"].write_text(make_json_receipt(filed, sign(filed.canonical())))
    proof = _fetched(filed).json()
    files["proof"].write_text(json.dumps(proof))
    files["other"].write_text(json.dumps(proof | {"leaf": proof["leaf"].replace(filed.seal[-8:], "0" * 8)}))
    files["broken"].write_text("<html>")
    files["doubled"].write_text('{"index": 7, ' + json.dumps(proof)[1:])

    def said(proof_file: str) -> tuple[int, dict[str, Any]]:
        return run(str(files["twin.json"]), "--keys", str(files["keys"]), "--proof", str(files[proof_file]))

    status, answer = said("proof")
    assert (status, answer["authentic"], answer["logged"]) == (0, True, True)
    assert answer["log"]["size"] == 2
    status, answer = said("other")
    assert (status, answer["authentic"], answer["logged"], answer["reason"]) == (
        1,
        True,
        False,
        "OTHER_RECEIPT",
    )
    for unreadable in ("broken", "doubled"):
        with pytest.raises(CommandError) as refused:
            said(unreadable)
        assert refused.value.returncode == 2


def _of_a_log_of_its_own(facts: ReceiptStatement) -> dict[str, Any]:
    """Return the proof of a log with only this receipt, as a holder of the key could forge it for one person."""
    text = leaf_text(facts.leaf)
    claims = statement_of_root(Root.objects.get(rank=1)) | {"size": 1, "hash": hash_text(text).hex()}
    signature = sign(canonical(claims))
    root = {"signed": claims, "key_id": signature.key_id, "signature": b64encode(signature.value).decode()}
    return {"schema": 1, "leaf": text, "index": 0, "path": [], "root": root, "previous": None}


def test_the_command_refuses_a_proof_of_a_forked_log(filed: ReceiptStatement, tmp_path: Path) -> None:
    _publish()
    keys, twin, roots = tmp_path / "keys.json", tmp_path / "twin.json", tmp_path / "roots.json"
    keys.write_text(json.dumps(published_keys()))
    roots.write_text(Client().get("/verifier/registre/racines.json").content.decode())

    def said(log: object, *options: str) -> tuple[int, dict[str, Any]]:
        twin.write_bytes(_twin(filed, log))
        return run(str(twin), "--keys", str(keys), *options)

    honest, forked = _fetched(filed).json(), _of_a_log_of_its_own(filed)
    for log in (honest, forked):
        assert said(log)[1]["logged"] is True  # the key signed both
    status, answer = said(honest, "--roots", str(roots))
    assert (status, answer["logged"]) == (0, True)
    assert answer["roots"] == {"published": 1, "proofs": 0, "not_ours": 0}
    status, answer = said(forked, "--roots", str(roots))
    assert (status, answer["authentic"], answer["logged"], answer["reason"]) == (1, True, False, "FORKED")
    roots.write_text("{}")
    with pytest.raises(CommandError) as refused:
        said(honest, "--roots", str(roots))
    assert refused.value.returncode == 2


def test_the_command_refuses_roots_without_a_proof(filed: ReceiptStatement, tmp_path: Path) -> None:
    _publish()
    for name, text in (
        ("keys", json.dumps(published_keys())),
        ("twin.json", make_json_receipt(filed, sign(filed.canonical()))),
        ("roots", Client().get("/verifier/registre/racines.json").content.decode()),
    ):
        (tmp_path / name).write_text(text)
    with pytest.raises(CommandError, match="--proof") as refused:
        call_command(
            "verify_receipt",
            str(tmp_path / "twin.json"),
            *("--keys", str(tmp_path / "keys"), "--roots", str(tmp_path / "roots")),
        )
    assert refused.value.returncode == 2


def test_the_verification_page_displays_since_when_the_receipt_is_logged(
    filed: ReceiptStatement, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = {"numero": filed.number, "code": filed.code}
    assert "Sera inscrit avant le" in Client().get("/verifier/", query).content.decode()
    late = expected_by(filed.received)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: late)
        assert "L’inscription tarde" in Client().get("/verifier/", query).content.decode()
    _publish()
    shown = Client().get("/verifier/", query).content.decode()
    assert "Inscrit depuis le" in shown
    assert "Tout retrait ou tout changement de date de ce dépôt serait maintenant visible" in shown
