"""What an archive contains: rows of every kind, dossiers, receipts, the public log, and files that people have."""

import json

from django.conf import settings

from intake.dossiers.downloads import json_receipt_response
from intake.dossiers.models import SignedReceipt
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.signing.services import published_keys
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_PDF
from intake.submissions.filing.arrivals import file_arrival
from intake.transparency.services import append_leaves, publish_root
from tests.factories.everything import make_everything


def make() -> None:
    """Make it all in the installation whose shell runs this; write what people have to the folder `given`."""
    made = make_everything()
    # An invariant refuses an arrival that waits for long.
    file_arrival(arrival=made.arrived, actor=made.arrived.submission.candidate)
    for delivery in Delivery.objects.filter(
        kind__in=(DOSSIER, RECEIPT_PDF), state=Delivery.State.PENDING
    ).order_by("pk"):
        deliver(delivery.pk)
    append_leaves()
    publish_root()
    given = settings.DATA_DIR / "given"
    given.mkdir()
    receipt = SignedReceipt.objects.filter(number=made.receipt.number).get()
    (given / "receipt.pdf").write_bytes(receipt.file.read())
    answer = json_receipt_response(receipt.seal)
    assert answer is not None
    (given / "receipt.json").write_bytes(answer.getvalue())
    (given / "cles.json").write_text(json.dumps(published_keys()))
    (given / "offer.json").write_text(json.dumps(made.offer.number))
