"""Migration operations that limit the privileges of the application's database role.

The triggers are written by hand: any role can bypass those of django-pgtrigger through its ignore setting.
"""

from django.conf import settings
from django.db.migrations import RunSQL


def append_only(table: str) -> RunSQL:
    """Return the operation that makes `table` append-only, by privileges and by triggers.

    Privileges: the application's role (setting `APPLICATION_ROLE`) keeps only SELECT and INSERT; the role must exist.
    Triggers: UPDATE and DELETE are refused to every role, the owner included, with SQLSTATE 23001; TRUNCATE is refused
    to all roles but the owner. Their functions are `refuse_change` and `refuse_emptying` of `intake/journal/sql/`.
    """
    role = settings.APPLICATION_ROLE
    return RunSQL(
        sql=f"""
        CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();
        REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM "{role}";
        """,
        reverse_sql=f"""
        DROP TRIGGER {table}_is_append_only ON {table};
        DROP TRIGGER {table}_is_never_emptied ON {table};
        GRANT UPDATE, DELETE ON {table} TO "{role}";
        """,
    )
