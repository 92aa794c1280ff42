"""Whether the storage has the whole of a file that was made: one that was cut short is lost, as one that is missing."""

from django.core.files import File

from .models import Dossier, SignedReceipt


def is_complete_file(made: Dossier | SignedReceipt) -> bool:
    """Tell whether it has no less than all of it: what wrote it may have been killed, or the disk full.

    What is as long and yet another file is not told apart here; the invariants read every byte.

    :raises OSError: when it does not answer.
    """
    storage, name = made.file.storage, str(made.file.name)
    if not storage.exists(name):
        return False
    size = storage.size(name)
    if size == made.size or isinstance(made, Dossier):
        return size >= made.size
    # One that is made again is signed anew: as long as any of them it may be that one, between two it is cut short.
    sizes = {made.size, *made.remade.values_list("size", flat=True)}
    return size in sizes or size > max(sizes)


def open_complete_file(made: Dossier | SignedReceipt) -> File[bytes]:
    """Open its file to be read.

    :raises FileNotFoundError: the storage has lost the file, or the end of it.
    :raises OSError: when it does not answer.
    """
    if not is_complete_file(made):
        raise FileNotFoundError(made.file.name)
    return made.file.open("rb")
