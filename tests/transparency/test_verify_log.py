"""`manage.py verify_log` names every row of the log or of a receipt that the database's owner changed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from intake.signing.services import known_keys, published_keys
from intake.transparency import auditing, services
from intake.transparency.auditing import audit_log
from intake.transparency.checking import SignedRoot
from intake.transparency.documents import root_document
from intake.transparency.leaves import hash_text, leaf_text
from intake.transparency.management.commands import verify_log
from intake.transparency.models import Leaf, Root
from intake.transparency.services import append_leaves
from tests.database_roles import without_triggers
from tests.transparency.conftest import FakeReceiptSource, publish, publish_new

pytestmark = pytest.mark.django_db

type Verify = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run the command. Return its exit code and its output."""

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        status = 0
        try:
            call_command("verify_log", *arguments)
        except SystemExit as ended:
            status = int(str(ended.code))
        except CommandError as refused:
            return refused.returncode, {"refused": str(refused)}
        return status, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def log(shelf: FakeReceiptSource) -> FakeReceiptSource:
    """Three roots, over 4, 11 and 12 leaves."""
    for count in (4, 7, 1):
        shelf.receive(count)
        publish_new()
    return shelf


def _cheat(table: str, statement: str, *parameters: str | bytes) -> None:
    with without_triggers(f"transparency_{table}") as cursor:
        cursor.execute(statement, parameters)


def _faults(mirrored: Sequence[SignedRoot] = ()) -> list[tuple[str, str, str | None]]:
    found = audit_log(keys=known_keys(), at=timezone.now(), mirrored=mirrored)
    return [(fault.kind.value, fault.row, fault.number) for fault in found.faults]


def _first(verify: Verify, *arguments: str) -> tuple[str, str, str | None]:
    status, printed = verify(*arguments)
    assert status == 1
    assert printed["faults"] >= 1
    first = printed["first"]
    return first["fault"], first["row"], first["number"]


def test_an_unchanged_log_passes_verification(log: FakeReceiptSource, verify: Verify) -> None:
    status, printed = verify()
    assert (status, printed["leaves"], printed["roots"], printed["first"]) == (0, 12, 3, None)
    log.receive()
    assert verify()[0] == 0  # the hour of tolerance has not passed


def test_an_empty_log_passes_before_and_after_its_first_root(
    shelf: FakeReceiptSource, verify: Verify
) -> None:
    del shelf
    assert verify()[0] == 0
    publish()
    assert verify() == (0, verify()[1] | {"leaves": 0, "roots": 1})


def test_a_log_longer_than_a_batch_is_verified_completely(
    shelf: FakeReceiptSource, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "_BATCH", 5)
    shelf.receive(13)
    publish()
    assert verify()[0] == 0
    _cheat("node", "UPDATE transparency_node SET hash = %s WHERE level = 2 AND position = 1", b"x" * 32)
    assert _first(verify) == ("NODE_CHANGED", "node 2/1", None)
    del shelf.kept["2027-020-000013-A"]
    assert _faults()[-1] == ("RECEIPT_REMOVED", "leaf 12", "2027-020-000013-A")


def test_a_file_too_large_is_not_read(
    log: FakeReceiptSource, verify: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del log
    file = tmp_path / "roots"
    file.write_text(json.dumps(root_document(Root.objects.get(rank=1))))
    assert verify_log.LARGEST_FILE == 67_108_864
    for largest, status in ((file.stat().st_size, 0), (file.stat().st_size - 1, 1)):
        monkeypatch.setattr(verify_log, "LARGEST_FILE", largest)
        assert verify("--roots", str(file))[0] == status
    assert "cannot be read" in verify("--roots", str(tmp_path / "none"))[1]["refused"]


@pytest.mark.parametrize(
    "table, change, fault, row",
    [
        ("leaf", "text = replace(text, '-020-', '-021-') WHERE position = 6", "LEAF_CHANGED", "leaf 6"),
        ("root", "hash = repeat('0', 64) WHERE rank = 2", "ROOT_CHANGED", "root 2"),
        ("root", "published_at = now() WHERE rank = 2", "ROOT_UNSIGNED", "root 2"),
        ("root", "signature = '\\x3006020101020101' WHERE rank = 2", "ROOT_UNSIGNED", "root 2"),
        ("root", "key_id = 'another' WHERE rank = 2", "ROOT_UNSIGNED", "root 2"),
        ("root", "size = 12 WHERE rank = 1", "ROOT_MISSING", "root 1"),
    ],
)
def test_a_changed_row_is_reported(
    log: FakeReceiptSource, verify: Verify, table: str, change: str, fault: str, row: str
) -> None:
    _cheat(table, f"UPDATE transparency_{table} SET {change}")  # noqa: S608 -- constant SQL of the cases
    number = list(log.kept)[6] if table == "leaf" else None
    assert _first(verify) == (fault, row, number)


def test_a_removed_root_or_an_additional_hash_is_reported(log: FakeReceiptSource, verify: Verify) -> None:
    del log
    _cheat("node", "INSERT INTO transparency_node VALUES (3, 1, %s)", b"x" * 32)
    assert _first(verify) == ("NODE_EXTRA", f"more than {12 + 6 + 3 + 1} nodes", None)
    _cheat("root", "DELETE FROM transparency_root WHERE rank = 2")
    assert _first(verify) == ("ROOT_MISSING", "root 2", None)


def test_a_changed_or_removed_filing_is_reported_by_its_number(
    log: FakeReceiptSource, verify: Verify
) -> None:
    number = list(log.kept)[4]
    facts = log.kept[number]
    log.kept[number] = replace(facts, received_at=facts.received_at - timedelta(seconds=1))
    assert _first(verify) == ("RECEIPT_CHANGED", "leaf 4", number)
    del log.kept[number]
    assert _first(verify) == ("RECEIPT_REMOVED", "leaf 4", number)


def test_a_removed_leaf_is_reported_at_any_position(log: FakeReceiptSource, verify: Verify) -> None:
    del log
    _cheat("leaf", "DELETE FROM transparency_leaf WHERE position = 11")
    assert _first(verify) == ("LEAF_MISSING", "leaf 11", None)
    _cheat("leaf", "DELETE FROM transparency_leaf WHERE position = 2")
    assert _first(verify) == ("LEAF_MISSING", "leaf 2", None)


def test_leaves_without_a_root_and_an_empty_root_are_verified_too(
    shelf: FakeReceiptSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_new()
    (number,) = shelf.receive()
    append_leaves()
    assert _faults() == []
    _cheat("leaf", "UPDATE transparency_leaf SET text = 'x'")
    assert _faults() == [("LEAF_CHANGED", "leaf 0", number), ("RECEIPT_CHANGED", "leaf 0", number)]
    monkeypatch.setattr(services, "period_start", lambda at, **_every: at)  # each call is an hour later
    for _hour in range(3):
        publish_new()
    assert len(_faults()) == 2
    _cheat("root", "UPDATE transparency_root SET hash = repeat('0', 64) WHERE rank = 1")
    assert _faults()[:2] == [("ROOT_CHANGED", "root 1", None), ("ROOT_UNSIGNED", "root 1", None)]


def test_a_filing_inserted_later_is_reported(log: FakeReceiptSource, verify: Verify) -> None:
    for ago, status in ((timedelta(minutes=1), 0), (timedelta(hours=1), 1)):
        (number,) = log.receive(at=timezone.now() - ago)
        publish()
        assert verify()[0] == status
    assert _first(verify) == ("BACKDATED", "leaf 13", number)


def test_a_rewritten_leaf_with_its_hashes_is_found_by_the_signed_roots(
    log: FakeReceiptSource, verify: Verify
) -> None:
    number = list(log.kept)[6]
    facts = replace(log.kept[number], received_at=timezone.now() - timedelta(days=3))
    log.kept[number] = facts
    text = leaf_text(facts)
    _cheat("leaf", "UPDATE transparency_leaf SET text = %s WHERE position = 6", text)
    _cheat("node", "UPDATE transparency_node SET hash = %s WHERE level = 0 AND position = 6", hash_text(text))
    status, printed = verify()
    assert status == 1
    assert printed["first"] == {"row": "leaf 6", "number": number, "fault": "BACKDATED"}
    # The first root, over 4 leaves, is still valid. The roots over 11 and 12 are not, nor are the nodes above.
    assert printed["faults"] == 1 + 3 + 2
    found = audit_log(keys=known_keys(), at=timezone.now())
    assert (found.leaves, found.roots, found.mirrored) == (12, 3, 0)
    assert [(fault.kind, fault.row, fault.number) for fault in found.faults] == [
        ("BACKDATED", "leaf 6", number),
        ("NODE_CHANGED", "node 1/3", None),
        ("NODE_CHANGED", "node 2/1", None),
        ("NODE_CHANGED", "node 3/0", None),
        ("ROOT_CHANGED", "root 2", None),
        ("ROOT_CHANGED", "root 3", None),
    ]


def test_a_receipt_missing_from_the_log_is_reported(log: FakeReceiptSource, verify: Verify) -> None:
    (number,) = log.receive(at=timezone.now() - 2 * auditing.OVERDUE)
    assert _first(verify) == ("RECEIPT_UNLOGGED", f"receipt {number}", number)
    received, tick = log.kept[number].received_at, timedelta(microseconds=1)
    assert timedelta(hours=2) == auditing.OVERDUE
    for at, unlogged in ((received + auditing.OVERDUE, []), (received + auditing.OVERDUE + tick, [number])):
        assert [fault.number for fault in audit_log(keys=known_keys(), at=at).faults] == unlogged


def test_a_hundred_missing_receipts_are_listed_and_twenty_printed(
    log: FakeReceiptSource, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = log.receive(101, at=timezone.now() - 2 * auditing.OVERDUE)
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_log")
    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert (said["leaves"], said["roots"], said["faults"]) == (12, 3, 100)
    assert said["first"] == {
        "row": f"receipt {numbers[0]}",
        "number": numbers[0],
        "fault": "RECEIPT_UNLOGGED",
    }
    assert printed.err.splitlines() == [
        f"receipt {number}: RECEIPT_UNLOGGED ({number})" for number in numbers[:20]
    ]


# -- Roots kept elsewhere --------------------------------------------------------------------------------------
def _rewritten(shelf: FakeReceiptSource) -> None:
    """Rebuild the log without its third receipt, as an owner of both database and key could."""
    for table in ("leaf", "node", "root"):
        _cheat(table, f"DELETE FROM transparency_{table}")  # noqa: S608 -- constant table names
    del shelf.kept[list(shelf.kept)[2]]
    publish()


@pytest.mark.parametrize("form", ["list", "lines", "one"])
def test_roots_stored_elsewhere_reveal_a_rewritten_log(
    log: FakeReceiptSource, verify: Verify, tmp_path: Path, form: str
) -> None:
    kept = [root_document(root) for root in Root.objects.order_by("rank")]
    file = tmp_path / "racines.json"
    file.write_text(
        {
            "list": json.dumps({"roots": kept}),
            "lines": "".join(json.dumps(root) + "\n" for root in kept),
            "one": json.dumps(kept[0]),
        }[form]
    )
    assert verify("--roots", str(file))[0] == 0
    _rewritten(log)
    assert verify()[0] == 0  # the portal's own data are consistent
    fault, row, _number = _first(verify, "--roots", str(file))
    said = kept[0]["signed"]["published_at"]
    assert (fault, row) == ("MIRROR_DIFFERS", f"mirrored root of 4 leaves, {said}")
    assert verify("--roots", str(file))[1]["mirrored_roots"] == (1 if form == "one" else 3)


def test_foreign_roots_are_counted_and_refused(
    log: FakeReceiptSource, verify: Verify, tmp_path: Path
) -> None:
    del log
    document = root_document(Root.objects.get(rank=1))
    document["signed"]["size"] = 3
    file = tmp_path / "roots"
    file.write_text(json.dumps(document))
    status, printed = verify("--roots", str(file))
    assert (status, printed["mirrored_roots_not_ours"], printed["faults"]) == (1, 1, 0)


@pytest.mark.parametrize(
    "content, said",
    [
        ("", "no published root there"),
        ("not json", "not JSON"),
        ('{"roots": [{"rank": 1}]}', "neither a published root nor a proof"),
    ],
)
def test_a_file_without_a_root_is_bad_input(
    log: FakeReceiptSource, verify: Verify, tmp_path: Path, content: str, said: str
) -> None:
    del log
    file = tmp_path / "roots"
    file.write_text(content, encoding="utf-8")
    status, printed = verify("--roots", str(file))
    assert (status, said in printed["refused"]) == (2, True), printed


def test_the_log_is_verified_with_only_the_published_keys(
    log: FakeReceiptSource, verify: Verify, tmp_path: Path
) -> None:
    del log
    file = tmp_path / "cles.json"
    file.write_text(json.dumps(published_keys()))
    assert verify("--keys", str(file))[0] == 0
    file.write_text("{}")
    assert verify("--keys", str(file))[0] == 2


def test_a_log_of_one_batch_is_verified_in_eight_queries(
    shelf: FakeReceiptSource, verify: Verify, django_assert_max_num_queries: Any
) -> None:
    shelf.receive(600)
    publish()
    with django_assert_max_num_queries(8):
        assert verify()[0] == 0
    assert Leaf.objects.count() == 600
