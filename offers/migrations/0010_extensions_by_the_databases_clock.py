"""An extension is dated and judged by the database's clock, as filings are: refused here to every role."""

import django.contrib.postgres.functions
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION offers_stamp_extension_and_refuse_earlier() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    -- Whatever the application supplied is ignored: a server whose clock is wrong neither dates nor judges it.
    NEW.at := transaction_timestamp();
    IF NEW.closes_at <= GREATEST(NEW.closed_at_before, NEW.at) THEN
        RAISE EXCEPTION 'closes at % but % holds already, at %', NEW.closes_at, NEW.closed_at_before, NEW.at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_extension_closes_later_than_now';
    END IF;
    -- Else: write it in time, and have the offer close later by it once it has closed.
    IF NOT EXISTS (SELECT FROM offers_offer o WHERE o.id = NEW.offer_id AND o.closes_at = NEW.closes_at) THEN
        RAISE EXCEPTION 'an extension is written as the offer closes later' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_extension_is_of_the_closing_that_holds';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER extension_is_stamped_and_later BEFORE INSERT ON offers_offerextension
    FOR EACH ROW EXECUTE FUNCTION offers_stamp_extension_and_refuse_earlier();
"""
BACKWARDS = """
DROP TRIGGER extension_is_stamped_and_later ON offers_offerextension;
DROP FUNCTION offers_stamp_extension_and_refuse_earlier();
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0009_a_later_closing_says_why")]

    operations = [
        migrations.AlterField(
            model_name="offerextension",
            name="at",
            field=models.DateTimeField(
                db_default=django.contrib.postgres.functions.TransactionNow(),
                editable=False,
                verbose_name="décidée",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
