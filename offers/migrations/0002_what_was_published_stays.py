"""What candidates have read does not change under them: refused here to every role, whatever the code above does.

Hand-written: django-pgtrigger's triggers can be bypassed by any role through its ignore setting.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION offers_keep_published_offer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'DRAFT' OR (OLD.status = 'CANCELLED' AND NEW.status <> 'CANCELLED') THEN
        RAISE EXCEPTION 'a published offer is only ever cancelled'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_offer_is_only_ever_cancelled';
    END IF;
    IF NEW.number IS DISTINCT FROM OLD.number OR NEW.published_at IS DISTINCT FROM OLD.published_at THEN
        RAISE EXCEPTION 'a published offer keeps its number and its instant of publication'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_offer_keeps_its_number_and_instant';
    END IF;
    IF NEW.closes_at < OLD.closes_at OR NEW.closes_on < OLD.closes_on THEN
        RAISE EXCEPTION 'a published offer closes only later'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_offer_closes_only_later';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER published_offer_closes_only_later BEFORE UPDATE ON offers_offer
    FOR EACH ROW WHEN (OLD.status <> 'DRAFT') EXECUTE FUNCTION offers_keep_published_offer();

CREATE FUNCTION offers_keep_published_rulebook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published rulebook never changes'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'published_rulebook_never_changes';
END $$;
CREATE TRIGGER published_rulebook_never_changes BEFORE UPDATE OR DELETE ON offers_rulebookversion
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION offers_keep_published_rulebook();
"""
BACKWARDS = """
DROP TRIGGER published_rulebook_never_changes ON offers_rulebookversion;
DROP FUNCTION offers_keep_published_rulebook();
DROP TRIGGER published_offer_closes_only_later ON offers_offer;
DROP FUNCTION offers_keep_published_offer();
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0001_offers")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
