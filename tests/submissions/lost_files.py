"""Lose stored files, and read the deliveries that regenerate them."""

from django.core.files.base import ContentFile
from django.test import Client

from intake.dossiers.models import Dossier, SignedReceipt
from intake.outbox.models import Delivery
from intake.submissions.models import Receipt
from tests.database_roles import without_triggers


def lose(made: Dossier | SignedReceipt) -> bytes:
    """Delete the file. Return its content."""
    content = bytes(made.file.read())
    made.file.close()
    made.file.storage.delete(str(made.file.name))
    return content


def cut_short(made: Dossier | SignedReceipt) -> None:
    """Cut the file to half, as a full disk or a kill did where files were written under their final name."""
    content = lose(made)
    made.file.storage.save(str(made.file.name), ContentFile(content[: len(content) // 2]))


def erase_every_seal() -> None:
    """Erase every payload and salt; only the digests remain, as after anonymisation."""
    with without_triggers("dossiers_seal") as cursor:
        cursor.execute("UPDATE dossiers_seal SET canonical = NULL, salt = NULL")


def requested_again(receipt: Receipt) -> list[tuple[str, str]]:
    """Return the kinds and keys of the deliveries posted again, earliest first."""
    again = Delivery.objects.filter(key__startswith=f"{receipt.number}/").order_by("pk")
    return list(again.values_list("kind", "key"))


def content_of(client: Client, address: str) -> bytes:
    """Return the file that an address sends."""
    response = client.get(address)
    assert response.status_code == 200
    return b"".join(response)
