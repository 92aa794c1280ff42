"""What the log publishes over HTTP, to people and to programmes."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from django.test import Client

from intake.signing.keys import KeySet
from intake.transparency import merkle, services, views
from intake.transparency.checking import ProofRefusedError, check_consistency, check_inclusion, check_root
from intake.transparency.leaves import hash_text, instant_text, leaf_text
from intake.transparency.models import Root
from tests.transparency.conftest import Shelf, publish, publish_new

pytestmark = pytest.mark.django_db

type Get = Callable[..., Any]


@pytest.fixture
def get(client: Client) -> Get:
    """Return the JSON at an address of the log, `status` being expected."""

    def ask(path: str, status: int = 200) -> Any:
        response = client.get(f"/verifier/registre/{path}")
        assert response.status_code == status, response.content
        if status != 200:
            return None
        assert response.headers["Content-Type"] == "application/json"
        assert "max-age" in response.headers["Cache-Control"]
        assert "Set-Cookie" not in response.headers
        return json.loads(response.content)

    return ask


@pytest.fixture
def keys(client: Client) -> KeySet:
    """The keys as they are published."""
    return KeySet.parse(client.get("/verifier/cles.json").content)


def _hash(shelf: Shelf, number: str) -> str:
    return hash_text(leaf_text(shelf.kept[number])).hex()


def test_a_receipt_is_proved_by_the_hash_of_its_leaf_once_a_root_is_over_it(
    shelf: Shelf, get: Get, keys: KeySet
) -> None:
    publish()
    numbers = shelf.receive(5)
    address = f"preuves/{_hash(shelf, numbers[3])}.json"
    get(address, 404)
    services.append_leaves()
    get(address, 404)
    root = publish_new()
    proof = get(address)
    found = check_inclusion(proof, keys, receipt=shelf.kept[numbers[3]])
    with pytest.raises(ProofRefusedError) as refused:
        check_inclusion(proof, keys)
    assert refused.value.code == "UNREADABLE"  # of whom, only its holder says
    assert (found.index, found.root.size, found.root.published_at) == (3, 5, root.published_at)
    assert proof["previous"]["signed"]["size"] == 0
    shelf.receive(20)
    publish()
    assert get(address) == proof  # it never changes


def test_what_is_published_says_nothing_of_a_receipt_to_who_does_not_hold_it(
    shelf: Shelf, get: Get, client: Client
) -> None:
    publish()
    shelf.receive(5)
    publish_new()
    hashes = get("feuilles.json")["hashes"]
    assert hashes == [_hash(shelf, number) for number in shelf.kept]
    proofs = [get(f"preuves/{hashed}.json") for hashed in hashes]
    others = [get("racines.json"), get("racines/2.json"), get("coherence/0/5.json")]
    published = json.dumps([hashes, proofs, others]) + client.get("/verifier/registre/").content.decode()
    for facts in shelf.kept.values():
        assert facts.number not in published
        assert facts.seal.removeprefix("sha256:") not in published
        assert instant_text(facts.received_at) not in published


def test_one_tree_is_shown_to_begin_another(shelf: Shelf, get: Get, keys: KeySet) -> None:
    roots = [publish_new()]
    for count in (3, 4, 9):
        shelf.receive(count)
        roots.append(publish_new())
    for one in roots:
        for other in roots:
            if one.size > other.size:
                get(f"coherence/{one.size}/{other.size}.json", 404)
                continue
            first, second = check_consistency(get(f"coherence/{one.size}/{other.size}.json"), keys)
            assert (first.size, second.size) == (one.size, other.size)
    for sizes in ("3/8", "2/16", f"3/{10**30}"):
        get(f"coherence/{sizes}.json", 404)


def test_the_roots_are_sent_latest_first_a_part_at_a_time(
    shelf: Shelf, get: Get, keys: KeySet, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ROOTS_SENT", 2)
    for _one in range(5):
        shelf.receive()
        publish()
    seen, following = [], "/verifier/registre/racines.json"
    while following:
        sent = json.loads(client.get(following).content)
        seen += sent["roots"]
        following = sent["next"] and sent["next"].removeprefix("http://testserver")
    assert [check_root(row, keys).size for row in seen] == [5, 4, 3, 2, 1]
    assert urlsplit(sent["keys"]).path == "/verifier/cles.json"
    assert get("racines/4.json") == seen[1]
    get("racines/6.json", 404)
    get(f"racines/{10**30}.json", 404)
    for wrong in ("x", "-1", "²"):
        get(f"racines.json?avant={wrong}", 404)


def test_the_published_hashes_rebuild_every_root(
    shelf: Shelf, client: Client, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "LEAVES_SENT", 4)
    assert get("feuilles.json")["hashes"] == []
    for count in (3, 6):
        shelf.receive(count)
        publish()
    shelf.receive()
    services.append_leaves()  # no root is over it yet: it is not sent
    tree, made, following = merkle.Tree(), {}, "/verifier/registre/feuilles.json"
    while following:
        sent = json.loads(client.get(following).content)
        for hashed in sent["hashes"]:
            tree.add(bytes.fromhex(hashed))
            made[tree.size] = tree.root.hex()
        following = sent["next"] and sent["next"].removeprefix("http://testserver")
    assert tree.size == 9
    assert {root.size: root.hash for root in Root.objects.all()}.items() <= made.items()
    assert get("feuilles.json?depuis=100")["hashes"] == []


def test_nothing_published_says_whose_a_receipt_is_nor_its_number(shelf: Shelf, client: Client) -> None:
    (number,) = shelf.receive()
    publish()
    for path in ("", "flux.atom", "racines.json", "racines/1.json", "feuilles.json", "coherence/1/1.json"):
        answer = client.get(f"/verifier/registre/{path}")
        assert answer.status_code == 200, path
        text = answer.content.decode()
        assert number not in text
        assert shelf.kept[number].seal not in text


def test_the_feed_holds_all_that_proves_each_root(shelf: Shelf, client: Client) -> None:
    for _one in range(3):
        shelf.receive()
        publish()
    response = client.get("/verifier/registre/flux.atom")
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(response.content)
    assert not found.bozo
    roots = list(Root.objects.order_by("-rank"))
    assert [entry.title for entry in found.entries] == [
        f"Racine {root.rank}, sur {root.size} accusés de réception" for root in roots
    ]
    assert len({entry.id for entry in found.entries}) == 3
    assert all(
        root.hash in entry.summary and root.key_id in entry.summary
        for root, entry in zip(roots, found.entries, strict=True)
    )


def test_the_page_says_that_no_root_is_published_then_shows_them(
    shelf: Shelf, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Aucune racine n’est encore publiée" in client.get("/verifier/registre/").content.decode()
    monkeypatch.setattr(views, "ROOTS_SHOWN", 2)
    for _one in range(3):
        shelf.receive()
        publish()
    page = client.get("/verifier/registre/").content.decode()
    hashes = {root.size: root.hash for root in Root.objects.all()}
    assert [hashes[size] in page for size in (1, 2, 3)] == [False, True, True]
    assert 'href="/verifier/registre/coherence/2/3.json"' in page
    assert hashes[1] in client.get("/verifier/registre/?page=2").content.decode()


def test_the_roots_of_hours_in_which_nothing_came_are_one_row(
    shelf: Shelf, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> str:
        return (
            client.get("/verifier/registre/")
            .content.decode()
            .partition("<tbody>")[2]
            .partition("</tbody>")[0]
        )

    shelf.receive()
    publish()
    assert "mêmes accusés" not in page()
    monkeypatch.setattr(services, "period_start", lambda at, **_every: at)  # an hour went by, each time
    publish_new()
    assert "et une autre sur les mêmes accusés, le " in page()
    publish_new()
    shelf.receive()
    publish_new()
    found = page()
    assert "et 2 autres sur les mêmes accusés, depuis le " in found
    assert found.count("<tr>") == 2
    assert [f"racines/{rank}.json" in found for rank in (1, 2, 3, 4)] == [False, False, True, True]


def test_the_page_takes_as_many_queries_whatever_the_log(
    shelf: Shelf, client: Client, django_assert_num_queries: Any
) -> None:
    for _one in range(4):
        shelf.receive(3)
        publish()
        with django_assert_num_queries(3):
            client.get("/verifier/registre/")
