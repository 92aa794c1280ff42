"""Checks of proofs without a database: valid ones pass, and each altered one is refused with its code."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from eligibility.canonical import canonical
from intake.signing.services import known_keys, sign
from intake.transparency.checking import (
    ProofRefusedError,
    SignedRoot,
    check_consistency,
    check_inclusion,
    check_root,
    is_backdated,
)
from intake.transparency.documents import consistency_document, inclusion_document, root_document
from intake.transparency.leaves import LeafContent, leaf_text
from intake.transparency.models import Leaf, Root
from tests.transparency.conftest import FakeReceiptSource, publish_new

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(shelf: FakeReceiptSource) -> LeafContent:
    """The sixth receipt of a log of nine, under its second root."""
    shelf.receive(4)
    publish_new()
    numbers = shelf.receive(5)
    publish_new()
    return shelf.kept[numbers[1]]


@pytest.fixture
def proof(facts: LeafContent) -> dict[str, Any]:
    """Its proof of inclusion, as published."""
    document = inclusion_document(Leaf.objects.get(number=facts.number), Root.objects.get(rank=2))
    read: dict[str, Any] = json.loads(json.dumps(document))
    return read


def _refusal(check: Callable[[], object]) -> str:
    with pytest.raises(ProofRefusedError) as refused:
        check()
    return refused.value.code


def test_a_proof_is_accepted_only_for_its_receipt(proof: dict[str, Any], facts: LeafContent) -> None:
    found = check_inclusion(proof, known_keys(), receipt=facts)
    assert (found.facts, found.index, found.root.size) == (facts, 5, 9)
    others = (
        replace(facts, number="2027-020-000999-A"),
        replace(facts, seal="sha256:" + "0" * 64),
        replace(facts, received_at=facts.received_at - timedelta(microseconds=1)),
    )
    for other in others:
        assert _refusal(lambda: check_inclusion(proof, known_keys(), receipt=other)) == "OTHER_RECEIPT"  # noqa: B023 -- called at once


def test_a_proof_with_any_changed_value_is_refused(proof: dict[str, Any]) -> None:
    """Every value of the document is changed, one at a time."""
    tried = {}
    for path in _paths(proof):
        changed = deepcopy(proof)
        holder: Any = changed
        for step in path[:-1]:
            holder = holder[step]
        value = holder[path[-1]]
        holder[path[-1]] = _other(value)
        code = _refusal(lambda: check_inclusion(changed, known_keys()))  # noqa: B023 -- called at once
        tried[".".join(map(str, path))] = code
    # A changed letter of a signature may also give a base64 that is not canonical.
    assert {tried.pop(f"{root}.signature") for root in ("root", "previous")} <= {"UNREADABLE", "SIGNATURE"}
    of_a_root = dict.fromkeys(("signed.schema", "signed.type"), "UNREADABLE") | dict.fromkeys(
        ("signed.hash", "signed.published_at", "signed.rank", "signed.size", "key_id"), "SIGNATURE"
    )
    assert tried == (
        {"schema": "UNREADABLE"}
        | dict.fromkeys(("leaf", "index", "path.0", "path.1", "path.2", "path.3"), "NOT_IN_TREE")
        | {f"{root}.{member}": code for root in ("root", "previous") for member, code in of_a_root.items()}
    )


@pytest.mark.parametrize("where", [(), ("root",), ("previous",)])
def test_a_proof_with_an_added_member_is_refused(proof: dict[str, Any], where: tuple[str, ...]) -> None:
    holder: Any = proof
    for step in where:
        holder = holder[step]
    holder["note"] = "ajouté"
    assert _refusal(lambda: check_inclusion(proof, known_keys())) == "UNREADABLE"


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key, held in value.items() for found in _paths(held, (*path, key))]
    if isinstance(value, list):
        return [found for key, held in enumerate(value) for found in _paths(held, (*path, key))]
    return [path]


def _other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    return value[:-3] + ("0" if value[-3] != "0" else "1") + value[-2:]


@pytest.mark.parametrize("where", [(), ("root",), ("previous",), ("root", "signed"), ("previous", "signed")])
def test_a_proof_without_one_of_its_members_is_refused(proof: dict[str, Any], where: tuple[str, ...]) -> None:
    holder: Any = proof
    for step in where:
        holder = holder[step]
    for member in list(holder):
        value = holder.pop(member)
        code = "SIGNATURE" if "signed" in where and member not in {"type", "schema"} else "UNREADABLE"
        assert _refusal(lambda: check_inclusion(proof, known_keys())) == code
        holder[member] = value
    assert check_inclusion(proof, known_keys()).index == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"rank": "2"},
        {"rank": True},
        {"rank": -1},
        {"size": None},
        {"hash": 3},
        {"hash": "0" * 62},
        {"hash": "0" * 66},
        {"hash": "A" * 64},
        {"hash": " " + "0" * 64},
        {"published_at": 3},
        {"published_at": "2027-09-01T14:00:00Z"},
        {"published_at": "2027-13-01T14:00:00.000000Z"},
        {"published_at": "2027-09-01T14:00:00.000000"},
        {"published_at": "9999-12-31T23:59:59.999999-01:00"},
    ],
)
def test_a_signed_root_with_invalid_values_is_unreadable(
    proof: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert _refusal(lambda: check_root(_signed(proof["root"], **changes), known_keys())) == "UNREADABLE"


def test_a_root_is_parsed_with_its_values_and_strict_signature(proof: dict[str, Any]) -> None:
    root = Root.objects.get(rank=2)
    assert check_root(proof["root"], known_keys()) == SignedRoot(
        rank=2, size=9, hash=bytes.fromhex(root.hash), published_at=root.published_at, key_id=root.key_id
    )
    for member in ("key_id", "signature"):
        wrong = proof["root"] | {member: 3}
        assert _refusal(lambda: check_root(wrong, known_keys())) == "UNREADABLE"  # noqa: B023 -- called at once
    for signature in ("é", "=", "AA", proof["root"]["signature"] + "\n"):
        wrong = proof["root"] | {"signature": signature}
        assert _refusal(lambda: check_root(wrong, known_keys())) == "UNREADABLE"  # noqa: B023 -- called at once


def test_a_path_longer_than_the_maximum_is_refused(proof: dict[str, Any]) -> None:
    for length, code in ((64, "NOT_IN_TREE"), (65, "UNREADABLE")):
        long = proof | {"path": ["0" * 64] * length}
        assert _refusal(lambda: check_inclusion(long, known_keys())) == code  # noqa: B023 -- called at once
    for path in ("0" * 64, {"0" * 64: 1}, ["0" * 62], [3], ["G" * 64]):
        wrong = proof | {"path": path}
        assert _refusal(lambda: check_inclusion(wrong, known_keys())) == "UNREADABLE"  # noqa: B023 -- called at once


def test_a_leaf_in_another_form_is_unreadable(proof: dict[str, Any], facts: LeafContent) -> None:
    said = json.loads(proof["leaf"])
    for leaf in (
        proof["leaf"] + " ",
        json.dumps(said),
        leaf_text(facts).replace('"schema":1', '"schema":2'),
        json.dumps(said | {"more": 1}, separators=(",", ":")),
        json.dumps(said | {"number": 3}, separators=(",", ":")),
        json.dumps(said | {"seal": None}, separators=(",", ":")),
        json.dumps(said | {"received_at": 3}, separators=(",", ":")),
        "[]",
        "{",
        3,
    ):
        wrong = proof | {"leaf": leaf}
        assert _refusal(lambda: check_inclusion(wrong, known_keys())) == "UNREADABLE"  # noqa: B023 -- called at once


def test_a_public_proof_is_checked_against_the_own_receipt(proof: dict[str, Any], facts: LeafContent) -> None:
    public = {member: value for member, value in proof.items() if member != "leaf"}
    assert check_inclusion(public, known_keys(), receipt=facts) == check_inclusion(proof, known_keys())
    other = replace(facts, number="2027-020-000999-A")
    assert _refusal(lambda: check_inclusion(public, known_keys(), receipt=other)) == "NOT_IN_TREE"


def test_a_filing_may_last_at_most_twenty_minutes(facts: LeafContent) -> None:
    tick = timedelta(microseconds=1)
    late = facts.received_at + timedelta(minutes=20)
    absent = (None, facts.received_at, late, late + tick)
    assert [is_backdated(facts, absent_at) for absent_at in absent] == [False, False, False, True]


@pytest.mark.parametrize(
    "wrong", [None, [], "proof", 3, {}, {"leaf": 1, "index": 0, "path": [], "root": {}, "previous": None}]
)
def test_an_invalid_document_is_no_proof(wrong: object) -> None:
    for check in (check_inclusion, check_consistency, check_root):
        assert _refusal(lambda: check(wrong, known_keys())) == "UNREADABLE"  # noqa: B023 -- called at once


def test_a_receipt_older_than_an_earlier_root_without_it_is_backdated(shelf: FakeReceiptSource) -> None:
    shelf.receive(2)
    publish_new()
    for minutes, believed in [(19, True), (21, False)]:
        (number,) = shelf.receive(at=timezone.now() - timedelta(minutes=minutes))
        root = publish_new()
        document = inclusion_document(Leaf.objects.get(number=number), root)
        if believed:
            assert check_inclusion(document, known_keys()).facts == shelf.kept[number]
        else:
            assert _refusal(lambda: check_inclusion(document, known_keys())) == "BACKDATED"  # noqa: B023 -- called at once
    # The root that shows it can neither be omitted nor be replaced by an earlier one.
    for other in (None, root_document(Root.objects.get(rank=1))):
        wrong = document | {"previous": other}
        assert _refusal(lambda: check_inclusion(wrong, known_keys())) == "UNREADABLE"  # noqa: B023 -- called at once


def _signed(root: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a published root with changed claims, signed by the portal's own key."""
    said = root["signed"] | changes
    made = sign(canonical(said))
    return {"signed": said, "key_id": made.key_id, "signature": b64encode(made.value).decode()}


def _with_root(proof: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return proof | {"root": _signed(proof["root"], **changes)}


def _with_previous(proof: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return proof | {"previous": _signed(proof["previous"], **changes)}


ALTERED: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "the root before holds the leaf": ("UNREADABLE", lambda proof: _with_previous(proof, size=6)),
    "the root before is as large": ("UNREADABLE", lambda proof: _with_previous(proof, size=9)),
    "the root before is left out": ("UNREADABLE", lambda proof: proof | {"previous": None}),
    "the root before is the same": ("UNREADABLE", lambda proof: proof | {"previous": proof["root"]}),
    "the root before is of an earlier rank": ("UNREADABLE", lambda proof: _with_previous(proof, rank=0)),
    "the root before is of another sort": ("UNREADABLE", lambda proof: _with_previous(proof, type="receipt")),
    "the root is of a later rank": ("UNREADABLE", lambda proof: _with_root(proof, rank=3)),
    "the root is of another sort": ("UNREADABLE", lambda proof: _with_root(proof, type="receipt")),
    "the root is of another schema": ("UNREADABLE", lambda proof: _with_root(proof, schema=2)),
    "the root is of another tree": ("NOT_IN_TREE", lambda proof: _with_root(proof, hash="0" * 64)),
    "the tree is larger": ("NOT_IN_TREE", lambda proof: _with_root(proof, size=17)),
    "the leaf is before the first": ("UNREADABLE", lambda proof: proof | {"index": -1}),
    "the proof is of another schema": ("UNREADABLE", lambda proof: proof | {"schema": 2}),
    "the root before is signed by nobody": (
        "SIGNATURE",
        lambda proof: proof | {"previous": proof["previous"] | {"signature": proof["root"]["signature"]}},
    ),
    "the root is published long after": (
        "BACKDATED",
        lambda proof: _with_previous(proof, published_at="2999-01-01T00:00:00.000000Z"),
    ),
}
"""Changes that a holder of the key, or of another proof, could make; and the code of the refusal."""


@pytest.mark.parametrize("altered", ALTERED)
def test_an_altered_proof_with_signed_roots_is_refused(proof: dict[str, Any], altered: str) -> None:
    code, change = ALTERED[altered]
    assert _refusal(lambda: check_inclusion(change(proof), known_keys())) == code


def test_an_earlier_root_that_ends_just_before_the_leaf_is_accepted(
    proof: dict[str, Any], facts: LeafContent
) -> None:
    found = check_inclusion(_with_previous(proof, size=5), known_keys())
    assert (found.facts, found.index) == (facts, 5)


def test_the_first_root_has_no_previous_root(facts: LeafContent) -> None:
    del facts
    first = inclusion_document(Leaf.objects.get(position=1), Root.objects.get(rank=1))
    assert check_inclusion(first, known_keys()).previous is None
    with_one = first | {"previous": _signed(first["root"], rank=0, size=0)}
    assert check_inclusion(with_one, known_keys()).index == 1, "a root of rank 0 is never published"
    holding = first | {"previous": _signed(first["root"], rank=0, size=2)}
    assert _refusal(lambda: check_inclusion(holding, known_keys())) == "UNREADABLE"


def test_a_hash_and_a_signature_have_one_accepted_form(proof: dict[str, Any]) -> None:
    shouted = proof | {"path": [part.upper() for part in proof["path"]]}
    assert _refusal(lambda: check_inclusion(shouted, known_keys())) == "UNREADABLE"
    # DER's length varies. Base64 of 3n + 1 bytes leaves four unused bits: it can be spelled in sixteen ways.
    signed, signature = next(
        (signed, value)
        for signed in (proof["root"]["signed"] | {"rank": rank} for rank in range(1, 200))
        if len(value := sign(canonical(signed)).value) % 3 == 1
    )
    root = proof["root"] | {"signed": signed}
    written = b64encode(signature).decode()
    assert check_root(root | {"signature": written}, known_keys()).size == 9
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    otherwise = written[:-3] + letters[letters.index(written[-3]) + 1] + "=="
    assert b64decode(otherwise, validate=True) == signature
    assert _refusal(lambda: check_root(root | {"signature": otherwise}, known_keys())) == "UNREADABLE"


def test_a_consistency_proof_is_accepted_only_in_its_exact_form(facts: LeafContent) -> None:
    del facts
    first, second = Root.objects.order_by("rank")
    document = consistency_document(first, second)
    assert [root.size for root in check_consistency(document, known_keys())] == [4, 9]
    assert _refusal(lambda: check_consistency(document | {"path": []}, known_keys())) == "NOT_CONSISTENT"
    swapped = document | {"first": root_document(second), "second": root_document(first)}
    assert _refusal(lambda: check_consistency(swapped, known_keys())) == "NOT_CONSISTENT"
    for member in document:
        wrong: dict[str, Any] = document | {member: None}
        assert _refusal(lambda: check_consistency(wrong, known_keys())) == "UNREADABLE"  # noqa: B023 -- called at once
    for wrong in (document | {"schema": 2}, document | {"schema": True}, document | {"note": ""}):
        assert _refusal(lambda: check_consistency(wrong, known_keys())) == "UNREADABLE"  # noqa: B023 -- called at once
    for root in ("first", "second"):
        wrong = document | {root: document[root] | {"key_id": "another"}}
        assert _refusal(lambda: check_consistency(wrong, known_keys())) == "SIGNATURE"  # noqa: B023 -- called at once
    assert [root.rank for root in check_consistency(document, known_keys())] == [1, 2]
