"""The public log and the filings: none is skipped, and the candidate's page shows the state of its own."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connections, transaction
from django.db.models import F

from intake.signing.services import known_keys
from intake.submissions.access import queries
from intake.submissions.models import Draft, Filing
from intake.submissions.receipts.queries import ReceiptLogSource
from intake.transparency import services
from intake.transparency.checking import check_inclusion
from intake.transparency.models import Leaf
from intake.transparency.selectors import expected_by
from intake.web.formats import instant
from tests.database_roles import without_triggers
from tests.factories.submissions import make_draft, make_filing, make_open_offer
from tests.submissions.filed_pages import browser_of, page_of, read
from tests.submissions.pages import file_now


class _HeldFiling(Thread):
    """A filing whose transaction stays open until `commit`."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(daemon=True)
        self.draft = draft
        self.filed, self.let_go = Event(), Event()
        self.number = ""
        self.start()
        assert self.filed.wait(20)

    def run(self) -> None:
        """File, wait, commit."""
        with transaction.atomic():
            receipt = file_now(self.draft)
            self.number = receipt.number
            self.filed.set()
            assert self.let_go.wait(20)
        connections.close_all()

    def commit(self) -> None:
        """Let the transaction end."""
        self.let_go.set()
        self.join(20)


def _logged() -> list[str]:
    return list(Leaf.objects.order_by("position").values_list("number", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_filing_committed_after_later_ones_is_never_skipped() -> None:
    offer = make_open_offer()
    held = [_HeldFiling(make_draft(offer=offer)) for _ in range(2)]
    between = make_filing(offer=offer).number
    while services.append_leaves():
        pass
    # Both were received and numbered before this one; neither is committed.
    assert _logged() == [between]
    held[1].commit()
    services.append_leaves()
    held[0].commit()
    services.append_leaves()
    assert _logged() == [between, held[1].number, held[0].number]
    assert services.append_leaves() == 0
    assert ReceiptLogSource().unlogged(limit=10) == []


@pytest.mark.django_db
def test_the_page_of_a_receipt_states_its_inclusion_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = make_filing()
    client, page = browser_of(receipt), page_of("receipt", receipt)
    received_at = receipt.filing.received_at
    by = expected_by(received_at)
    assert timedelta(minutes=15) < by - received_at <= timedelta(hours=1, minutes=15)
    assert f"Sera inscrit avant le {_plain(instant(by))}." in read(client, page)
    late = queries._own_sql().replace("clock_timestamp()", f"'{by.isoformat()}'::timestamptz")
    monkeypatch.setattr(queries, "_own_sql", lambda: late)
    assert "L’inscription tarde. Votre dépôt est valide." in read(client, page)
    services.append_leaves()
    assert "L’inscription tarde" in read(client, page)  # no root covers it yet
    root = services.publish_root()
    assert root is not None
    shown = read(client, page)
    assert f"Inscrit depuis le {_plain(instant(root.published_at))}." in shown
    address = shown.partition('href="/verifier/registre/preuves/')[2].partition('"')[0]
    proof = client.get(f"/verifier/registre/preuves/{address}").json()
    (facts,) = ReceiptLogSource().facts_of([receipt.number]).values()
    assert check_inclusion(proof, known_keys(), receipt=facts).facts.number == receipt.number


@pytest.mark.django_db
def test_the_log_reads_receipts_in_order_of_receipt() -> None:
    receipts = [make_filing() for _time in range(3)]
    with without_triggers("submissions_filing"):
        for days, receipt in ((1, receipts[2]), (2, receipts[1])):
            Filing.objects.filter(pk=receipt.filing_id).update(
                received_at=F("received_at") - timedelta(days=days)
            )
    source = services.receipts()
    order = [receipts[1], receipts[2], receipts[0]]
    for receipt in receipts:
        receipt.filing.refresh_from_db()
    facts = {
        receipt.number: (receipt.number, receipt.filing.received_at, receipt.filing.seal.digest)
        for receipt in order
    }
    found = source.unlogged(limit=5)
    assert [(row.number, row.received_at, row.seal) for row in found] == [*facts.values()]
    assert [row.number for row in source.unlogged(limit=2)] == [receipt.number for receipt in order[:2]]
    last = receipts[0].filing.received_at
    assert len(source.unlogged(limit=5, received_before=last)) == 2
    assert len(source.unlogged(limit=5, received_before=last + timedelta(microseconds=1))) == 3
    assert source.facts_of([receipts[0].number, "T-0"]) == {receipts[0].number: found[2]}


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")
