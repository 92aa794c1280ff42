"""A filing that the rules refuse commits with the request that a person judge it; rulings are never rewritten."""

from django.db import migrations

from intake.web.privileges import append_only

REFUSE_RESERVE_WITHOUT_REQUEST = """
CREATE FUNCTION refuse_reserve_without_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.under_reserve
        AND NOT EXISTS (SELECT FROM submissions_reviewrequest r WHERE r.filing_id = NEW.filing_id) THEN
        RAISE EXCEPTION 'a filing under reserve commits with its request for review' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_under_reserve_has_its_request';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER verdict_under_reserve_has_its_request AFTER INSERT ON submissions_verdict
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_reserve_without_request();
"""


class Migration(migrations.Migration):
    dependencies = [("submissions", "0003_review_by_a_person")]

    operations = [
        migrations.RunSQL(
            REFUSE_RESERVE_WITHOUT_REQUEST,
            """
            DROP TRIGGER verdict_under_reserve_has_its_request ON submissions_verdict;
            DROP FUNCTION refuse_reserve_without_request();
            """,
        ),
        append_only("submissions_reviewrequest"),
        append_only("submissions_ruling"),
    ]
