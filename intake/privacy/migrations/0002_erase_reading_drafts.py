"""Erase what readers typed about a file together with the file."""

from typing import ClassVar

from django.db import migrations

from intake.base.sql_files import load_sql


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("privacy", "0001_retention_and_erasure"),
        ("review", "0004_reading_drafts_and_keys"),
    ]

    operations: ClassVar = [load_sql(__file__, "erase_submission")]
