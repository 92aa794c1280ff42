"""Check that a generated file is complete in the storage. A truncated file counts as lost, like a missing one."""

from django.core.files import File

from .models import Dossier, SignedReceipt


def is_complete_file(made: Dossier | SignedReceipt) -> bool:
    """True if the stored file exists and is not truncated, for example by a killed worker or a full disk.

    Compares sizes only. The invariants compare digests.

    :raises OSError: if the storage does not respond.
    """
    storage, name = made.file.storage, str(made.file.name)
    if not storage.exists(name):
        return False
    size = storage.size(name)
    if size == made.size or isinstance(made, Dossier):
        return size >= made.size
    # A regenerated receipt has a new signature and maybe another size. A known size is complete; a size between two
    # known sizes is truncated.
    sizes = {made.size, *made.remade.values_list("size", flat=True)}
    return size in sizes or size > max(sizes)


def open_complete_file(made: Dossier | SignedReceipt) -> File[bytes]:
    """Open the stored file for reading.

    :raises FileNotFoundError: if the file is missing or truncated.
    :raises OSError: if the storage does not respond.
    """
    if not is_complete_file(made):
        raise FileNotFoundError(made.file.name)
    return made.file.open("rb")
