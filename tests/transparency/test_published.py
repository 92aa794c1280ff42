"""Roots kept by others: a proof from another log is refused, even if the same key signed it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from intake.signing.services import known_keys
from intake.transparency.checking import (
    Inclusion,
    NotPublishedError,
    ProofRefusedError,
    SignedRoot,
    check_inclusion,
    check_published,
    check_root,
    read_published,
)
from intake.transparency.documents import consistency_document, inclusion_document, root_document
from intake.transparency.models import Leaf, Root
from tests.transparency.conftest import FakeReceiptSource, publish_new

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(shelf: FakeReceiptSource) -> list[Root]:
    """Three roots, over 4, 9 and 9 + 2 leaves."""
    made = []
    for count in (4, 5, 2):
        shelf.receive(count)
        made.append(publish_new())
    return made


@pytest.fixture
def roots(log: list[Root]) -> list[SignedRoot]:
    return [check_root(root_document(root), known_keys()) for root in log]


@pytest.fixture
def found(log: list[Root]) -> Inclusion:
    """The sixth receipt, under the second root."""
    return check_inclusion(inclusion_document(Leaf.objects.get(position=5), log[1]), known_keys())


def _refusal(found: Inclusion, roots: list[SignedRoot]) -> str:
    with pytest.raises(ProofRefusedError) as refused:
        check_published(found, roots)
    return refused.value.code


def test_a_proof_is_accepted_with_both_roots_published_elsewhere(
    found: Inclusion, roots: list[SignedRoot]
) -> None:
    check_published(found, roots)
    check_published(found, [*roots[::-1], roots[1]])  # in any order, with duplicates
    assert found.previous == roots[0]
    for fewer in ([], roots[1:], [roots[0], roots[2]]):
        assert _refusal(found, fewer) == "UNPUBLISHED"


def test_a_root_that_differs_from_a_published_one_is_a_fork(
    found: Inclusion, roots: list[SignedRoot]
) -> None:
    other = b"x" * 32
    for changed in (
        replace(found, root=replace(found.root, hash=other)),
        replace(found, root=replace(found.root, published_at=found.root.published_at + timedelta(seconds=1))),
        replace(found, previous=replace(roots[0], size=3)),
        replace(found, previous=replace(roots[0], published_at=roots[0].published_at - timedelta(hours=9))),
    ):
        assert _refusal(changed, roots) == "FORKED"


@pytest.mark.parametrize(
    "change",
    [
        {"hash": b"x" * 32},
        {"size": 10},
        {"size": 12, "published_at": timedelta(hours=-1)},
        {"size": 12, "published_at": timedelta(0)},
    ],
)
def test_roots_that_cannot_belong_to_one_log_are_a_fork(
    found: Inclusion, roots: list[SignedRoot], change: dict[str, Any]
) -> None:
    """Two trees of one size, a later smaller one, a later root with an earlier instant, two roots at one instant."""
    last = roots[2]
    at = last.published_at + change.pop("published_at", timedelta(hours=1))
    after = replace(last, rank=4, published_at=at)
    check_published(found, [*roots, replace(after, published_at=last.published_at + timedelta(hours=1))])
    assert _refusal(found, [*roots, replace(after, **change)]) == "FORKED"


def test_roots_and_proofs_are_read_in_any_stored_form(log: list[Root], roots: list[SignedRoot]) -> None:
    documents = [root_document(root) for root in log]
    proof = consistency_document(log[0], log[2])
    whole = {"schema": 1, "roots": documents}
    for text in (
        json.dumps(whole, indent=2),
        json.dumps(documents),
        "\n".join(json.dumps(document) for document in documents),
        json.dumps({"roots": documents[:1]}) + "\n\n" + json.dumps({"roots": documents[1:]}),
    ):
        read = read_published(text, known_keys())
        assert (list(read.roots), read.unsigned, read.proofs) == (roots, 0, 0)
    read = read_published(json.dumps(whole) + "\n" + json.dumps(proof), known_keys())
    assert (set(read.roots), read.proofs) == (set(roots), 1)
    stranger = documents[0] | {"key_id": "another"}
    assert read_published(json.dumps([*documents, stranger]), known_keys()).unsigned == 1


def test_inconsistent_trees_are_refused(log: list[Root]) -> None:
    proof = consistency_document(log[0], log[1]) | {"path": []}
    with pytest.raises(ProofRefusedError) as refused:
        read_published(json.dumps(proof), known_keys())
    assert refused.value.code == "NOT_CONSISTENT"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "<html>", '{"roots": [3]}', '{"first": {}, "first": {}}', "[" * 9999]
)
def test_a_text_without_published_roots_is_refused(text: str) -> None:
    with pytest.raises(NotPublishedError):
        read_published(text, known_keys())
