"""An extension is written once, by whoever moves the closing, from the closing that held: refused here to every role."""

from django.db import migrations, models

FORWARDS = """
UPDATE offers_offer SET closed_at_before = (
    SELECT e.closed_at_before FROM offers_offerextension e
    WHERE e.offer_id = offers_offer.id AND e.closes_at = offers_offer.closes_at
) WHERE EXISTS (SELECT FROM offers_offerextension e WHERE e.offer_id = offers_offer.id);

CREATE FUNCTION offers_keep_closing_before() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Whatever was supplied is ignored: only a published offer that closes later has closed at another instant before.
    IF TG_OP = 'INSERT' OR OLD.status = 'DRAFT' THEN
        NEW.closed_at_before := NULL;
    ELSIF NEW.closes_at > OLD.closes_at THEN
        NEW.closed_at_before := OLD.closes_at;
    ELSE
        NEW.closed_at_before := OLD.closed_at_before;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closing_before_is_kept BEFORE INSERT OR UPDATE ON offers_offer
    FOR EACH ROW EXECUTE FUNCTION offers_keep_closing_before();

CREATE OR REPLACE FUNCTION offers_stamp_extension_and_refuse_earlier() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    -- Whatever the application supplied is ignored: a server whose clock is wrong neither dates nor judges it.
    NEW.at := transaction_timestamp();
    IF NEW.closes_at <= GREATEST(NEW.closed_at_before, NEW.at) THEN
        RAISE EXCEPTION 'closes at % but % holds already, at %', NEW.closes_at, NEW.closed_at_before, NEW.at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_extension_closes_later_than_now';
    END IF;
    -- Else: write it in time, and have the offer close later by it once it has closed; or give a past closing that
    -- never was, which a dossier would print.
    IF NOT EXISTS (
        SELECT FROM offers_offer o
        WHERE o.id = NEW.offer_id AND o.closes_at = NEW.closes_at AND o.closed_at_before = NEW.closed_at_before
    ) THEN
        RAISE EXCEPTION 'an extension is written as the offer closes later, from the closing that held' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_extension_is_of_the_closing_that_holds';
    END IF;
    RETURN NEW;
END $$;
"""
BACKWARDS = """
CREATE OR REPLACE FUNCTION offers_stamp_extension_and_refuse_earlier() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    NEW.at := transaction_timestamp();
    IF NEW.closes_at <= GREATEST(NEW.closed_at_before, NEW.at) THEN
        RAISE EXCEPTION 'closes at % but % holds already, at %', NEW.closes_at, NEW.closed_at_before, NEW.at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_extension_closes_later_than_now';
    END IF;
    IF NOT EXISTS (SELECT FROM offers_offer o WHERE o.id = NEW.offer_id AND o.closes_at = NEW.closes_at) THEN
        RAISE EXCEPTION 'an extension is written as the offer closes later' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_extension_is_of_the_closing_that_holds';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER closing_before_is_kept ON offers_offer;
DROP FUNCTION offers_keep_closing_before();
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0010_extensions_by_the_databases_clock")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="closed_at_before",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="instant de fermeture avant la prolongation"
            ),
        ),
        migrations.AddConstraint(
            model_name="offerextension",
            constraint=models.UniqueConstraint(
                fields=("offer", "closes_at"), name="an_extension_is_written_once"
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
