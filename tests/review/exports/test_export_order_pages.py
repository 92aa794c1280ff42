"""The page of an export order: ordered from the list or the queue, followed, downloaded, cancelled."""

import hashlib
import re
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.dossiers.models import Dossier
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.delivery_kinds import EXPORT_REMOVAL
from intake.review.exports import queries
from intake.review.exports.orders import remove_order
from intake.review.models import ExportOrder, Shortlist, ShortlistExport
from intake.web.formats import file_size
from tests.factories.exports import job_of, make_frozen, make_order, write_all
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_conflict, make_dossier, make_filed, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db

ASKED = {"reason": "Envoi à l’hôte", "language": "fr"}
QUEUE = reverse("admin:submissions_submission_changelist")


@pytest.fixture
def staff() -> User:
    return make_staff()


@pytest.fixture(scope="module")
def made(module_db: None) -> Shortlist:
    offer = make_open_offer()
    make_dossier(make_shortlisted(offer))
    return make_frozen(offer)


@pytest.fixture
def frozen(made: Shortlist) -> Shortlist:
    return deepcopy(made)


def list_page(frozen: Shortlist) -> str:
    return reverse("review:shortlist", args=[frozen.offer.number, frozen.number])


def key_in(answer: Any) -> str:
    found = re.search(r'name="key" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def test_an_archive_is_ordered_followed_and_downloaded(frozen: Shortlist, staff: User) -> None:
    client = client_of(staff)
    page = client.get(list_page(frozen))
    assert "Le portail prépare l’archive des dossiers en arrière-plan" in page.content.decode()
    asked = {"key": key_in(page), "reason": "Envoi à l’hôte", "language": "fr", "file_format": "zip"}
    answers = {client.post(list_page(frozen), asked).headers["Location"] for _click in range(2)}
    order = ExportOrder.objects.get()
    address = reverse("review:export_order", args=[order.public_id])
    assert answers == {address}
    shown = client.get(address).content.decode()
    for said in (
        "Le portail prépare le fichier",
        "0\u00a0candidature sur 1",
        "js/progress.js",
        "Actualiser",
        "environ ",
    ):
        assert said in shown
    file = reverse("review:export_file", args=[order.public_id])
    assert client.get(file).headers["Location"] == address
    write_all()
    shown = client.get(address).content.decode()
    assert "Le fichier est prêt" in shown
    assert "js/progress.js" not in shown
    assert file in shown
    taken: Any = client.get(file)
    content = b"".join(taken.streaming_content)
    line = ShortlistExport.objects.get()
    assert hashlib.sha256(content).hexdigest() == line.sha256
    assert line.sha256 in shown
    named = f"preselection-{frozen.offer.number}-liste-1.zip"
    assert taken.headers["Content-Disposition"] == f'attachment; filename="{named}"'
    assert "no-store" in taken.headers["Cache-Control"]
    assert address in client.get(list_page(frozen)).content.decode()


def test_a_ready_archive_states_its_missing_dossiers(frozen: Shortlist, staff: User) -> None:
    whole = make_order(staff, frozen)
    write_all()
    kept = Dossier.objects.get().file
    kept.storage.delete(kept.name or "")
    short = make_order(staff, frozen, reason="Second envoi")
    write_all()
    said = "Il manque 1\u00a0dossier\u00a0: MISSING.txt indique lequel"
    pages = [
        client_of(staff).get(reverse("review:export_order", args=[order.public_id])).content.decode()
        for order in (whole, short)
    ]
    assert [said in page for page in pages] == [False, True]
    assert ["Le fichier est prêt, mais incomplet" in page for page in pages] == [False, True]
    assert all("Le fichier est prêt" in page for page in pages)
    assert all("ZIP, en-têtes en français" in page for page in pages)


def test_a_ready_file_that_is_lost_is_explained(frozen: Shortlist, staff: User) -> None:
    order = make_order(staff, frozen)
    write_all()
    order.refresh_from_db()
    default_storage.delete(order.file_name)
    client, page = client_of(staff), reverse("review:export_order", args=[order.public_id])
    assert client.get(page).status_code == 200
    answer = client.get(reverse("review:export_file", args=[order.public_id]), follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "demandez-le de nouveau" in answer.content.decode()


def test_the_queue_orders_an_archive_and_sends_a_short_table_directly(
    frozen: Shortlist, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(staff)
    page = client.get(QUEUE, {"offre": frozen.offer.number or ""})
    files = {
        name: reverse("review:export_shortlist", args=[frozen.offer.number, name]) for name in ("csv", "zip")
    }
    for _click in range(2):
        answer = client.post(files["zip"], ASKED | {"key": key_in(page)})
        order = ExportOrder.objects.get()
        assert answer.headers["Location"] == reverse("review:export_order", args=[order.public_id])
    assert order.shortlist is None
    assert (
        answer.headers["Location"] in client.get(QUEUE, {"offre": frozen.offer.number or ""}).content.decode()
    )
    sent: Any = client.post(files["csv"], ASKED)
    assert sent.headers["Content-Type"].startswith("text/csv")
    assert b"".join(sent.streaming_content).count(b"\r\n") == 2
    monkeypatch.setattr(queries, "DIRECT_MAX", 0)
    client.post(files["csv"], ASKED)
    assert set(ExportOrder.objects.values_list("file_format", flat=True)) == {"zip", "csv"}


def test_an_export_file_is_visible_only_to_its_user(frozen: Shortlist, staff: User) -> None:
    order = make_order(staff, frozen)
    write_all()
    for name in ("export_order", "export_file"):
        address = reverse(f"review:{name}", args=[order.public_id])
        assert client_of(make_staff()).get(address).status_code == 404
        assert client_of(staff).get(reverse(f"review:{name}", args=[uuid4()])).status_code == 404
        assert client_of(staff).get(address).status_code == 200
    assert Entry.objects.get(action="EXPORT_TAKEN").actor == staff


def test_a_list_shows_the_latest_orders_of_its_reader_first(frozen: Shortlist, staff: User) -> None:
    make_order(make_staff(), frozen)
    for name in ("zip", "csv", "pdf"):
        make_order(staff, frozen, name)
    read = queries.recent_orders(staff, offer=frozen.offer, shortlist=frozen, at=timezone.now())
    assert [order.file_format for order in read] == ["pdf", "csv", "zip"]


def test_an_order_is_cancelled_from_its_page(frozen: Shortlist, staff: User) -> None:
    order = make_order(staff, frozen)
    address = reverse("review:export_order", args=[order.public_id])
    client = client_of(staff)
    assert "Annuler le fichier" in client.get(address).content.decode()
    shown = client.post(address, follow=True).content.decode()
    assert "Le fichier est annulé : aucun fichier n’est exporté." in shown
    assert "Annuler le fichier" not in shown
    assert "Il n’y avait rien à annuler" in client.post(address, follow=True).content.decode()
    write_all()
    assert not ShortlistExport.objects.exists()


def test_the_page_of_an_order_explains_each_failure(frozen: Shortlist, staff: User) -> None:
    client = client_of(staff)

    def shown(order: ExportOrder) -> str:
        return client.get(reverse("review:export_order", args=[order.public_id])).content.decode()

    stuck, late = make_order(staff, frozen), make_order(staff, frozen, "xlsx")
    Delivery.objects.filter(pk=job_of(stuck).pk).update(state="DEAD")
    assert "La préparation s’est interrompue" in shown(stuck)
    assert "js/progress.js" not in shown(stuck)
    remove_order(job_of(late, EXPORT_REMOVAL), timezone.now())
    assert "La préparation du fichier a pris trop de temps" in shown(late)
    ready = make_order(staff, frozen, "csv")
    write_all()
    # Its removal waits for a worker.
    ExportOrder.objects.filter(pk=ready.pk).update(expires_at=timezone.now())
    assert "Le fichier n’est plus disponible" in shown(ready)
    ExportOrder.objects.filter(pk=ready.pk).update(expires_at=timezone.now() + queries.RETENTION)
    make_conflict(frozen.rows.order_by("rank")[0].filing.submission, staff)
    refused = client.get(reverse("review:export_file", args=[ready.public_id]), follow=True)
    assert "Vous avez un conflit d’intérêts" in refused.content.decode()
    remove_order(job_of(ready, EXPORT_REMOVAL), timezone.now())
    assert "Le fichier n’est plus disponible" in shown(ready)
    assert (
        "Le délai est passé"
        in client_of(staff).get(reverse("review:export_order", args=[ready.public_id])).content.decode()
    )


@pytest.mark.parametrize("bound_by", ["conflict", "application"])
def test_the_page_hides_sizes_from_a_user_in_conflict_since(
    frozen: Shortlist, staff: User, bound_by: str
) -> None:
    client = client_of(staff)
    open_order, ready = make_order(staff, frozen, "xlsx"), make_order(staff, frozen)
    Delivery.objects.filter(pk=job_of(open_order).pk).update(state="DEAD")
    write_all()
    ready.refresh_from_db()
    assert ready.export is not None
    sizes = ("candidature sur", "Candidatures</dt>", "Empreinte", file_size(ready.export.size), "Télécharger")

    def shown(order: ExportOrder) -> str:
        address = reverse("review:export_order", args=[order.public_id])
        return client.get(address).content.decode()

    for order, said in ((open_order, sizes[:1]), (ready, sizes[1:])):
        assert all(size in shown(order) for size in said)
    assert "La préparation s’est interrompue" in shown(open_order)
    assert list_page(frozen) in shown(ready)
    if bound_by == "conflict":
        make_conflict(frozen.rows.order_by("rank")[0].filing.submission, staff)
        words = "Vous avez un conflit d’intérêts"
    else:
        make_filed(frozen.offer, candidate=staff)
        words = "Vous avez postulé à cette offre"
    for order in (open_order, ready):
        text = shown(order)
        assert not [size for size in sizes if size in text]
        assert text.count(words) == 1
        assert ">Vous ne pouvez plus télécharger ce fichier<" in re.sub(r"\s*([<>])\s*", r"\1", text)
        assert list_page(frozen) not in text, "it is refused to them"
        assert "La préparation s’est interrompue" not in text
    assert "Annuler le fichier" in shown(open_order)
    assert "Le délai est passé" not in shown(ready)
