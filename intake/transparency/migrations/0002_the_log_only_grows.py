"""What no application code can do to the log: change it, leave a gap in it, or date a root otherwise than today."""

from django.db import migrations

from intake.web.privileges import append_only

LEAVES_FOLLOW = """
CREATE FUNCTION refuse_leaf_out_of_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position <> COALESCE((SELECT max(position) + 1 FROM transparency_leaf), 0) THEN
        RAISE EXCEPTION 'leaf % does not follow the last one', NEW.position USING
            ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_follow_one_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER log_leaves_follow_one_another BEFORE INSERT ON transparency_leaf
    FOR EACH ROW EXECUTE FUNCTION refuse_leaf_out_of_order();
"""

ROOTS_FOLLOW = """
CREATE FUNCTION refuse_root_out_of_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    latest record;
BEGIN
    SELECT r.rank, r.size, r.published_at INTO latest FROM transparency_root r ORDER BY r.rank DESC LIMIT 1;
    IF NEW.rank <> COALESCE(latest.rank, 0) + 1 OR NEW.size < COALESCE(latest.size, 0)
        OR NEW.size <> COALESCE((SELECT max(position) + 1 FROM transparency_leaf), 0) THEN
        RAISE EXCEPTION 'root % over % leaves does not follow the last one', NEW.rank, NEW.size USING
            ERRCODE = 'check_violation', CONSTRAINT = 'log_roots_follow_one_another';
    END IF;
    -- Not the transaction's own instant: it may have waited for another that published meanwhile.
    IF NEW.published_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
        OR NEW.published_at <= latest.published_at THEN
        RAISE EXCEPTION 'a root bears the instant at which it is published' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'log_root_bears_the_databases_instant';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER log_roots_follow_one_another BEFORE INSERT ON transparency_root
    FOR EACH ROW EXECUTE FUNCTION refuse_root_out_of_order();
"""


class Migration(migrations.Migration):
    dependencies = [("transparency", "0001_the_log")]

    operations = [
        migrations.RunSQL(
            LEAVES_FOLLOW,
            """
            DROP TRIGGER log_leaves_follow_one_another ON transparency_leaf;
            DROP FUNCTION refuse_leaf_out_of_order();
            """,
        ),
        migrations.RunSQL(
            ROOTS_FOLLOW,
            """
            DROP TRIGGER log_roots_follow_one_another ON transparency_root;
            DROP FUNCTION refuse_root_out_of_order();
            """,
        ),
        append_only("transparency_leaf"),
        append_only("transparency_node"),
        append_only("transparency_root"),
    ]
