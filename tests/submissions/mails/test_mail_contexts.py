"""Mails to candidates: named contact, attachments, statements."""

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.outbox import tasks
from intake.outbox.models import Delivery, Message
from intake.submissions.mails import filing_mails, offer_mails
from offers.models import Offer
from tests.factories.people import make_user
from tests.factories.review import make_dossier, make_filed_for_review
from tests.factories.submissions import make_extension, make_filing, make_open_offer

pytestmark = pytest.mark.django_db


# -- Filing -----------------------------------------------------------------------------------------------------------


def test_a_receipt_mail_takes_eight_statements() -> None:
    make_filing()
    delivery = Delivery.objects.get(kind="RECEIPT_MAIL")
    with CaptureQueriesContext(connection) as captured:
        tasks.deliver_by_priority(delivery.pk)
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 8, "\n".join(statements)
    assert Message.objects.get(delivery=delivery).sent_at


def test_mails_of_an_offer_without_contact_use_the_contact_of_the_portal() -> None:
    reserved = make_filed_for_review(make_open_offer())
    assert reserved.standing_filing is not None
    receipt = reserved.standing_filing.receipt
    make_dossier(reserved)
    Offer.objects.filter(pk=reserved.offer_id).update(
        contact_email="", contact_unit="Bureau", contact_phone="418 555-0142"
    )
    extension = make_extension(reserved.offer, make_user())
    about = Delivery(key=receipt.number, subject_id=str(receipt.pk))
    for letter in (
        filing_mails.compose_receipt(about, timezone.now()),
        filing_mails.compose_dossier(about, timezone.now()),
        filing_mails.compose_rulings(about, timezone.now()),
        offer_mails.compose_extension(Delivery(key=str(extension.pk)), timezone.now()),
    ):
        assert settings.PORTAL_CONTACT_EMAIL in letter.text
