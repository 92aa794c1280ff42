"""An offer closes later by an extension, which says who gave it and why, or not at all: refused here to every role."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION offers_refuse_unsaid_extension() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- At the commit: the row of the extension is written after the offer's.
    IF NOT EXISTS (
        SELECT FROM offers_offerextension e
        WHERE e.offer_id = NEW.id AND e.closed_at_before = OLD.closes_at AND e.closes_at = NEW.closes_at
    ) THEN
        RAISE EXCEPTION 'an offer closes later by an extension that says why'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_later_closing_has_its_extension';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER later_closing_has_its_extension AFTER UPDATE OF closes_at ON offers_offer
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status <> 'DRAFT' AND NEW.closes_at > OLD.closes_at)
    EXECUTE FUNCTION offers_refuse_unsaid_extension();
ALTER FUNCTION offers_keep_published_offer() SET search_path = public, pg_temp;
"""
BACKWARDS = """
ALTER FUNCTION offers_keep_published_offer() RESET search_path;
DROP TRIGGER later_closing_has_its_extension ON offers_offer;
DROP FUNCTION offers_refuse_unsaid_extension();
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0008_days_of_any_programme")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
