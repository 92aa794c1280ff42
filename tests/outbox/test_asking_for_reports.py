"""Delivery reports are requested for each mail, if the mail server supports them, to the address that reads them."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from intake.outbox import tasks
from intake.outbox.models import Delivery
from intake.settings.services import mailer
from tests.outbox.conftest import AT, post
from tests.outbox.mail_server import MailServer, serving

pytestmark = pytest.mark.django_db


def _send(server: MailServer, settings: Settings, *, returns: str) -> None:
    url = f"smtp://127.0.0.1:{server.server_address[1]}"
    settings.MAIL_RETURN_ADDRESS = returns
    settings.DEFAULT_FROM_EMAIL = "Stages <stages@portail.invalid>"
    settings.MAILERS = settings.MAILERS | {"default": mailer(url, reported=bool(returns))}
    delivery = post(kind="TEST_MAIL", at=AT - timedelta(days=365 * 50))
    tasks.deliver(delivery.pk)
    assert Delivery.objects.get().state == Delivery.State.DONE


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    "can, returns, sender, recipient",
    [
        (
            ("DSN",),
            "retours@portail.invalid",
            "<retours@portail.invalid> RET=HDRS",
            " NOTIFY=SUCCESS,FAILURE",
        ),
        ((), "retours@portail.invalid", "<retours@portail.invalid>", ""),
        (("DSN",), "", "<stages@portail.invalid>", ""),
    ],
    ids=["a server that reports", "one that does not", "nobody reads them"],
)
def test_delivery_reports_are_requested_from_a_server_that_supports_them(
    settings: Settings, can: tuple[str, ...], returns: str, sender: str, recipient: str
) -> None:
    with serving(*can) as server:
        _send(server, settings, returns=returns)
    said = {line.partition(":")[0].lower(): line.partition(":")[2] for line in server.heard if ":" in line}
    assert said == {"mail from": sender, "rcpt to": f"<camille@exemple.invalid>{recipient}"}
    (letter,) = server.letters
    assert "\nFrom: Stages <stages@portail.invalid>\r\n" in f"\n{letter}"
