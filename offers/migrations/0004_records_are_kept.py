"""What was done to an offer stays written as it was: refused here to every role, whatever the code above does."""

from django.conf import settings
from django.db import migrations

TABLES = ("offers_offerchange", "offers_offerextension")


def _forwards(role: str) -> str:
    function = """
    CREATE FUNCTION offers_keep_record() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- A draft that nobody but staff ever read goes with what was done to it.
        IF TG_OP = 'DELETE' AND EXISTS (
            SELECT FROM offers_offer WHERE id = OLD.offer_id AND status = 'DRAFT'
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'what was done to an offer is never rewritten'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'offer_records_are_never_rewritten';
    END $$;
    """
    return function + "".join(
        f"""
        CREATE TRIGGER {table}_is_never_rewritten BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION offers_keep_record();
        REVOKE UPDATE, TRUNCATE ON {table} FROM "{role}";
        """
        for table in TABLES
    )


def _backwards(role: str) -> str:
    return (
        "".join(
            f"""
        DROP TRIGGER {table}_is_never_rewritten ON {table};
        GRANT UPDATE ON {table} TO "{role}";
        """
            for table in TABLES
        )
        + "DROP FUNCTION offers_keep_record();"
    )


class Migration(migrations.Migration):
    dependencies = [("offers", "0003_offer_desk")]

    operations = [
        migrations.RunSQL(_forwards(settings.APPLICATION_ROLE), _backwards(settings.APPLICATION_ROLE))
    ]
