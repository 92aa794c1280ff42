"""Migration operations that load the files `<app>/sql/NAME.sql`: each holds a function and the triggers that call it.

A file has the current text. To change one after a release, first copy it to `<app>/sql/VERSION/NAME.sql` (the last
version that had this text) and name that version in the migration that loads it. Then change the file, and load it by a
new migration, after `DROP FUNCTION NAME CASCADE` if it holds triggers. `tests/archives` finds a text without a copy.
"""

from pathlib import Path

from django.db.migrations import RunSQL


def load_sql(migration: str, name: str, version: str = "") -> RunSQL:
    """Return the operation that runs `sql/NAME.sql` of the app of a migration. Undone, it drops the function NAME.

    :param migration: the migration's `__file__`.
    :param version: the last release with the text that this migration loads; empty if that is the current text.
    """
    file = Path(migration).parents[1] / "sql" / version / f"{name}.sql"
    return RunSQL(file.read_text(encoding="utf-8"), f"DROP FUNCTION {name} CASCADE")
