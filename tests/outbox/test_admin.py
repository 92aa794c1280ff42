"""« Envois » in the administration."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.outbox import tasks
from intake.outbox.models import Delivery
from intake.web import formats
from tests.database_roles import as_owner
from tests.factories.offers import make_programme
from tests.outbox.conftest import AT, post

pytestmark = [pytest.mark.usefixtures("registry"), pytest.mark.django_db]

LIST = "/admin/outbox/delivery/"


@pytest.fixture
def person(client: Client) -> User:
    """A signed-in staff member."""
    with as_owner():
        user = User.objects.create_user(email="personnel@exemple.invalid", is_staff=True)
    with as_owner():
        user.groups.add(Group.objects.get(name=Role.STAFF))
    client.force_login(user)
    return user


def act(client: Client, *deliveries: Delivery) -> str:
    data = {"action": "resend", "_selected_action": [delivery.pk for delivery in deliveries]}
    return client.post(LIST, data, follow=True).content.decode()


@pytest.mark.usefixtures("person")
def test_the_mail_that_was_sent_is_read_as_text(client: Client) -> None:
    delivery = post(kind="TEST_MAIL", at=AT - timedelta(days=365 * 50))
    tasks.deliver(delivery.pk)
    page = client.get(reverse("admin:outbox_delivery_change", args=[delivery.pk]))
    content = page.content.decode()
    assert "Bonjour Camille," in content
    assert "camille@exemple.invalid" in content
    assert str(delivery.public_id) in content
    assert 'name="_save"' not in content


@pytest.mark.usefixtures("person")
def test_a_dead_delivery_is_marked_in_list_and_page(client: Client) -> None:
    delivery = post(kind="TEST_MAIL")
    Delivery.objects.update(state=Delivery.State.DEAD)
    assert '<span class="state state-error">En échec</span>' in client.get(LIST).content.decode()
    page = client.get(reverse("admin:outbox_delivery_change", args=[delivery.pk])).content.decode()
    assert "state-error" in page
    assert "Historique" not in page
    programme = client.get(reverse("admin:offers_programme_change", args=[make_programme().pk]))
    assert "Historique" in programme.content.decode(), "what a person changes has one"


@pytest.mark.usefixtures("person")
def test_a_delivery_delayed_by_an_outage_is_marked(client: Client) -> None:
    delivery = post(kind="TEST_MAIL")
    kept = '<span class="state state-warning">En attente d’un serveur</span>'
    page = reverse("admin:outbox_delivery_change", args=[delivery.pk])
    for outages, state, done_at, shown in (
        (0, "PENDING", None, False),
        (1, "PENDING", None, True),
        (1, "DONE", AT, False),
        (1, "DEAD", None, False),
    ):
        Delivery.objects.update(outages=outages, state=state, done_at=done_at)
        assert [kept in client.get(address).content.decode() for address in (LIST, page)] == [shown, shown]


@pytest.mark.usefixtures("person")
def test_a_planned_delivery_is_labelled_as_planned(client: Client) -> None:
    far = timedelta(days=365 * 50)
    later, earlier = post(kind="TEST_JOB", key="a", at=AT + far), post(kind="TEST_JOB", key="b", at=AT - far)
    Delivery.objects.filter(pk=earlier.pk).update(due_at=AT + far)  # it failed, and is tried again later
    for delivery, said in ((later, "prévu le"), (earlier, "demandé le")):
        when = f"{said} {formats.day(delivery.created_at)}, {formats.hour(delivery.created_at)}"
        page = reverse("admin:outbox_delivery_change", args=[delivery.pk])
        for address in (LIST, page):
            assert when in client.get(address).content.decode()


@pytest.mark.usefixtures("person")
def test_the_list_is_filtered_by_state_and_by_kind(client: Client) -> None:
    post(kind="TEST_MAIL", key="courriel")
    job = post(kind="TEST_JOB", key="tâche")
    Delivery.objects.filter(pk=job.pk).update(state="DEAD")
    found = client.get(LIST, {"state__exact": "DEAD"}).context["cl"].result_list
    assert list(found) == [job]
    found = client.get(LIST, {"kind": "TEST_JOB"}).context["cl"].result_list
    assert list(found) == [job]


@pytest.mark.usefixtures("person")
def test_a_delivery_is_found_by_key_or_start_of_subject_or_recipient(client: Client) -> None:
    long_ago = AT - timedelta(days=365 * 50)
    mailed = post(kind="TEST_MAIL", key="2027-020-1", at=long_ago)
    job = post(key="2027-021-1")
    tasks.deliver(mailed.pk)

    def found(words: str) -> set[Delivery]:
        return set(client.get(LIST, {"q": words}).context["cl"].result_list)

    assert found("2027-021") == {job}
    assert found("Camille@") == {mailed}
    assert found("obj") == {mailed, job}
    assert found("obj 2027-020") == {mailed}
    assert found("020-1") == {mailed}
    assert found("bj") == set()


@pytest.mark.usefixtures("person")
def test_only_dead_deliveries_are_retried(client: Client) -> None:
    dead, waiting = post(key="1"), post(key="2")
    Delivery.objects.filter(pk=dead.pk).update(state="DEAD", attempts=5)
    content = act(client, dead, waiting)
    assert "1\u00a0envoi est relancé." in content
    assert "1\u00a0envoi ne change pas" in content
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("PENDING", 0)


@pytest.mark.usefixtures("person")
def test_deliveries_cannot_be_added_changed_or_deleted_in_the_administration(client: Client) -> None:
    delivery = post()
    assert client.get(reverse("admin:outbox_delivery_add")).status_code == 403
    change = reverse("admin:outbox_delivery_change", args=[delivery.pk])
    assert client.post(change, {"state": "DONE"}).status_code == 403
    removal = reverse("admin:outbox_delivery_delete", args=[delivery.pk])
    assert client.post(removal, {"post": "yes"}).status_code == 403
    assert list(Delivery.objects.values_list("pk", "state")) == [(delivery.pk, "PENDING")]
