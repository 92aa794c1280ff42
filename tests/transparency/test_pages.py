"""The log's publication over HTTP, for people and for programs."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import feedparser
import pytest
from django.test import Client

from intake.signing.keys import KeySet
from intake.transparency import merkle, services, views
from intake.transparency.checking import ProofRefusedError, check_consistency, check_inclusion, check_root
from intake.transparency.documents import root_document
from intake.transparency.leaves import hash_text, instant_text, leaf_text
from intake.transparency.models import Root
from tests.transparency.conftest import FakeReceiptSource, publish, publish_new

pytestmark = pytest.mark.django_db

type Get = Callable[..., Any]


@pytest.fixture
def get(client: Client) -> Get:
    """Return the JSON at an address of the log. The response must have `status`."""

    def ask(path: str, status: int = 200) -> Any:
        response = client.get(f"/verifier/registre/{path}")
        assert response.status_code == status, response.content
        if status != 200:
            return None
        assert response.headers["Content-Type"] == "application/json"
        assert "Set-Cookie" not in response.headers
        text = response.content.decode()
        assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        return json.loads(text)

    return ask


@pytest.fixture
def keys(client: Client) -> KeySet:
    """The published keys."""
    return KeySet.parse(client.get("/verifier/cles.json").content)


def _hash(shelf: FakeReceiptSource, number: str) -> str:
    return hash_text(leaf_text(shelf.kept[number])).hex()


@pytest.mark.parametrize(
    "path, seconds",
    [
        ("", None),
        ("flux.atom", 60),
        ("racines.json", 60),
        ("feuilles.json", 60),
        ("racines/1.json", 86_400),
        ("coherence/3/3.json", 86_400),
        ("preuves/{hash}.json", 86_400),
    ],
)
def test_immutable_documents_are_cached_a_day_and_others_a_minute(
    shelf: FakeReceiptSource, client: Client, path: str, seconds: int | None
) -> None:
    numbers = shelf.receive(3)
    publish()
    address = f"/verifier/registre/{path.format(hash=_hash(shelf, numbers[0]))}"
    answer = client.get(address)
    assert (answer.status_code, client.head(address).status_code, client.post(address).status_code) == (
        200,
        200,
        405,
    )
    if seconds is None:
        return
    assert answer.headers["Cache-Control"] == f"public, max-age={seconds}"
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_list_describes_itself_and_links_to_its_next_part(
    shelf: FakeReceiptSource, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert get("racines.json") == {
        "schema": 1,
        "tree": "RFC 9162, section 2.1; SHA-256",
        "keys": "http://testserver/verifier/cles.json",
        "roots": [],
        "next": None,
    }
    assert get("feuilles.json") == {"schema": 1, "size": 0, "start": 0, "hashes": [], "next": None}
    shelf.receive(4)
    roots = [root_document(publish_new())]
    shelf.receive(1)
    roots.append(root_document(publish_new()))
    assert get(f"racines.json?avant={2**63 - 1}")["roots"] == roots[::-1]
    assert [get(f"racines.json?avant={rank}")["roots"] for rank in (2, 1)] == [roots[:1], []]
    for past in (2**63, 10**30):
        get(f"racines.json?avant={past}", 404)
        get(f"feuilles.json?depuis={past}", 404)
    last = _hash(shelf, list(shelf.kept)[4])
    assert get("feuilles.json?depuis=4") == {
        "schema": 1,
        "size": 5,
        "start": 4,
        "hashes": [last],
        "next": None,
    }
    assert get("feuilles.json?depuis=6") == get("feuilles.json?depuis=5")
    monkeypatch.setattr(views, "LEAVES_SENT", 4)
    assert get("feuilles.json")["next"] == "http://testserver/verifier/registre/feuilles.json?depuis=4"
    assert get("feuilles.json?depuis=1")["next"] is None


def test_a_receipt_has_a_proof_by_leaf_hash_once_a_root_covers_it(
    shelf: FakeReceiptSource, get: Get, keys: KeySet
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
    assert refused.value.code == "UNREADABLE"  # the leaf's text is known to the receipt's holder only
    assert (found.index, found.root.size, found.root.published_at) == (3, 5, root.published_at)
    assert proof["previous"]["signed"]["size"] == 0
    shelf.receive(20)
    publish()
    assert get(address) == proof  # a proof never changes


def test_published_documents_contain_no_receipt_data(
    shelf: FakeReceiptSource, get: Get, client: Client
) -> None:
    publish()
    shelf.receive(5)
    publish_new()
    hashes = get("feuilles.json")["hashes"]
    assert hashes == [_hash(shelf, number) for number in shelf.kept]
    proofs = [get(f"preuves/{hashed}.json") for hashed in hashes]
    others = [get("racines.json"), get("racines/2.json"), get("coherence/0/5.json")]
    pages = [client.get(f"/verifier/registre/{name}").content.decode() for name in ("", "flux.atom")]
    published = json.dumps([hashes, proofs, others]) + "".join(pages)
    for facts in shelf.kept.values():
        assert facts.number not in published
        assert facts.seal.removeprefix("sha256:") not in published
        assert instant_text(facts.received_at) not in published


def test_a_published_consistency_proof_is_accepted(shelf: FakeReceiptSource, get: Get, keys: KeySet) -> None:
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


def test_the_roots_are_listed_latest_first_in_pages(
    shelf: FakeReceiptSource, get: Get, keys: KeySet, client: Client, monkeypatch: pytest.MonkeyPatch
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
    shelf: FakeReceiptSource, client: Client, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "LEAVES_SENT", 4)
    assert get("feuilles.json")["hashes"] == []
    for count in (3, 6):
        shelf.receive(count)
        publish()
    shelf.receive()
    services.append_leaves()  # not sent: no root covers it yet
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


def test_the_feed_contains_the_signed_data_of_the_last_roots(
    shelf: FakeReceiptSource, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "FEED_ENTRIES", 2)
    for _one in range(3):
        shelf.receive()
        publish()
    response = client.get("/verifier/registre/flux.atom")
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(response.content)
    assert not found.bozo
    roots = list(Root.objects.order_by("-rank"))[:2]
    home = "http://testserver/verifier/registre/"
    assert (found.feed.id, found.feed.language) == (uuid5(NAMESPACE_URL, home).urn, "fr")
    for root, entry in zip(roots, found.entries, strict=True):
        assert entry.id == uuid5(NAMESPACE_URL, f"{home}#{root.rank} {root.hash}").urn
        assert (entry.link, entry.published) == (
            f"{home}racines/{root.rank}.json",
            root.published_at.isoformat(),
        )
        for said in (root.hash, root.key_id, root_document(root)["signature"]):
            assert f"<code>{said}</code>" in entry.summary


def test_the_page_lists_roots_or_states_that_none_is_published(
    shelf: FakeReceiptSource, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Aucune empreinte n’est encore publiée" in client.get("/verifier/registre/").content.decode()
    monkeypatch.setattr(views, "ROOTS_SHOWN", 2)
    for _one in range(3):
        shelf.receive()
        publish()
    page = client.get("/verifier/registre/").content.decode()
    hashes = {root.size: root.hash for root in Root.objects.all()}
    assert [hashes[size] in page for size in (1, 2, 3)] == [False, True, True]
    assert 'href="/verifier/registre/coherence/2/3.json"' in page
    assert hashes[1] in client.get("/verifier/registre/?page=2").content.decode()


def test_consecutive_roots_over_the_same_leaves_are_one_row(
    shelf: FakeReceiptSource, client: Client, monkeypatch: pytest.MonkeyPatch
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
    monkeypatch.setattr(services, "period_start", lambda at, **_every: at)  # each call is an hour later
    publish_new()
    assert "et une autre des mêmes accusés de réception, le " in page()
    publish_new()
    shelf.receive()
    publish_new()
    found = page()
    assert "et 2\u00a0autres des mêmes accusés de réception, depuis le " in found
    assert found.count("<tr>") == 2
    assert [f"racines/{rank}.json" in found for rank in (1, 2, 3, 4)] == [False, False, True, True]


def test_the_page_runs_three_queries_for_any_size_of_log(
    shelf: FakeReceiptSource, client: Client, django_assert_num_queries: Any
) -> None:
    for _one in range(4):
        shelf.receive(3)
        publish()
        with django_assert_num_queries(3):
            client.get("/verifier/registre/")
