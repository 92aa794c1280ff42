"""Migration operations that load the files `<app>/sql/NAME.sql`: each holds a function and the triggers that call it.

To change one after the release, first write its text of today into the migration that loads it (`RunSQL("…")`); then
change the file, and load it by a new migration, after `DROP FUNCTION NAME CASCADE` if it holds triggers.
"""

from pathlib import Path

from django.db.migrations import RunSQL


def load_sql(migration: str, name: str) -> RunSQL:
    """Return the operation that runs `sql/NAME.sql` of the app of a migration. Undone, it drops the function NAME.

    :param migration: the migration's `__file__`.
    """
    file = Path(migration).parents[1] / "sql" / f"{name}.sql"
    return RunSQL(file.read_text(encoding="utf-8"), f"DROP FUNCTION {name} CASCADE")
