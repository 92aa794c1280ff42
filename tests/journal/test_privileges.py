"""The SQL by which a migration makes a table append-only."""

from django.conf import settings

from intake.journal.privileges import append_only


def test_the_append_only_operation_is_reversible() -> None:
    operation = append_only("a_table")
    done, undone = (
        [" ".join(line.split()) for line in str(sql).split(";") if "a_table" in line]
        for sql in (operation.sql, operation.reverse_sql)
    )
    role = settings.APPLICATION_ROLE
    assert done == [
        (
            "CREATE TRIGGER a_table_is_append_only BEFORE UPDATE OR DELETE ON a_table"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        ),
        (
            "CREATE TRIGGER a_table_is_never_emptied BEFORE TRUNCATE ON a_table"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying()"
        ),
        f'REVOKE UPDATE, DELETE, TRUNCATE ON a_table FROM "{role}"',
    ]
    assert undone == [
        "DROP TRIGGER a_table_is_append_only ON a_table",
        "DROP TRIGGER a_table_is_never_emptied ON a_table",
        f'GRANT UPDATE, DELETE ON a_table TO "{role}"',
    ]
