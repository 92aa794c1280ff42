"""Erase the pictures of a dossier's pages together with the dossier."""

from typing import ClassVar

from django.db import migrations

from intake.base.sql_files import load_sql


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("privacy", "0002_erase_reading_drafts"),
        ("dossiers", "0002_page_pictures"),
    ]

    operations: ClassVar = [load_sql(__file__, "erase_submission")]
