"""The database chains each entry as it is written, and those that were there: see `intake.journal.chain`."""

from django.conf import settings
from django.db import migrations

from intake.web.privileges import append_only

CHAIN_EACH_ENTRY = """
CREATE FUNCTION link_journal_entry(entry journal_entry, chain integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before record;
    place bigint := 1;
    salt uuid := gen_random_uuid();
    committed text;
    previous text := repeat('0', 64);
BEGIN
    SELECT l.position, l.digest INTO before
        FROM journal_link l WHERE l.lane = chain ORDER BY l.position DESC LIMIT 1;
    IF FOUND THEN
        place := before.position + 1;
        previous := before.digest;
    END IF;
    committed := encode(sha256(convert_to(
        salt || jsonb_build_array(entry.actor_id, entry.subject_kind, entry.subject_id, entry.detail)::text, 'UTF8'
    )), 'hex');
    INSERT INTO journal_link (entry_id, lane, position, salt, commitment, digest) VALUES (
        entry.id, chain, place, salt, committed,
        encode(sha256(convert_to(previous || jsonb_build_array(
            entry.id, chain, place,
            to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            entry.action, committed
        )::text, 'UTF8')), 'hex')
    );
END $$;
REVOKE EXECUTE ON FUNCTION link_journal_entry FROM PUBLIC;

-- As the owner: the application's role writes no link, not even a true one.
CREATE FUNCTION chain_journal_entry() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    chain integer := 1;
BEGIN
    -- The first chain that no other transaction is adding to, held until this one ends. Nobody waits here: filings do
    -- not queue behind one another, and nothing can be waited for in a circle.
    WHILE NOT pg_try_advisory_xact_lock(1785689458, chain) LOOP
        chain := chain + 1;
    END LOOP;
    PERFORM link_journal_entry(NEW, chain);
    RETURN NULL;
END $$;
CREATE TRIGGER journal_entry_is_chained AFTER INSERT ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION chain_journal_entry();

DO $$
DECLARE
    entry journal_entry;
BEGIN
    -- Nobody adds an entry that has no link while those that were there get theirs.
    LOCK TABLE journal_entry IN SHARE ROW EXCLUSIVE MODE;
    FOR entry IN SELECT * FROM journal_entry ORDER BY id LOOP
        PERFORM link_journal_entry(entry, 1);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0003_links"),
    ]

    operations = [
        migrations.RunSQL(
            CHAIN_EACH_ENTRY,
            """
            DROP TRIGGER journal_entry_is_chained ON journal_entry;
            DROP FUNCTION chain_journal_entry();
            DROP FUNCTION link_journal_entry(journal_entry, integer);
            """,
        ),
        append_only("journal_link"),
        migrations.RunSQL(
            f'REVOKE INSERT ON journal_link FROM "{settings.APPLICATION_ROLE}";',
            f'GRANT INSERT ON journal_link TO "{settings.APPLICATION_ROLE}";',
        ),
    ]
