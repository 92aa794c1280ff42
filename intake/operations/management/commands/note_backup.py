"""`manage.py note_backup`: say that a backup has ended."""

from typing import Any

from django.core.management.base import BaseCommand

from intake.operations.models import Backup


class Command(BaseCommand):
    """Note that a backup of the database and of the files has ended; print nothing."""

    help = "Dit qu’une sauvegarde est terminée. La page « État du portail » avertit quand la dernière est trop vieille."

    def handle(self, *_args: Any, **_options: Any) -> None:
        Backup.objects.create()
