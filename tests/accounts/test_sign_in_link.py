"""`manage.py sign_in_link`: staff enter while no mail leaves, and still give their second factor."""

import pytest
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from tests.factories.factors import make_application
from tests.factories.people import make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db


def test_a_printed_link_signs_staff_in_once_up_to_the_second_factor(
    capsys: pytest.CaptureFixture[str], mailoutbox: list[EmailMessage]
) -> None:
    administrator = make_administrator()
    make_application(administrator)
    Delivery.objects.all().delete()
    call_command("sign_in_link", administrator.email)
    link = capsys.readouterr().out.strip()
    client, other = Client(), Client()
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 302
    assert client.get(reverse("accounts:security")).status_code == 200
    assert client.get(reverse("admin:index"))["Location"].startswith(reverse("accounts:second_factor"))
    assert other.post(link).status_code == 410, "it was used"
    entry = Entry.objects.get(action="SIGN_IN_LINK_PRINTED")
    assert (entry.actor_id, entry.subject_id) == (None, str(administrator.public_id))
    assert not mailoutbox
    deliver(Delivery.objects.get(kind="SECOND_FACTOR_MAIL").pk)
    (mail,) = mailoutbox
    assert mail.subject == "Une commande a remis un lien de connexion à votre compte"


def test_only_open_accounts_of_staff_get_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    for address in (make_user().email, make_staff(is_active=False).email, "x@exemple.ca"):
        with pytest.raises(CommandError, match="has no open account of staff"):
            call_command("sign_in_link", address)
    assert capsys.readouterr().out == ""
    assert not Entry.objects.filter(action="SIGN_IN_LINK_PRINTED").exists()
