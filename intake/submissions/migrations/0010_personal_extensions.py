"""A later closing for one person: kept for good, only ever later, and obeyed by the rules of the filing."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from intake.web.privileges import append_only

STAMP_AND_REFUSE_EARLIER = """
CREATE FUNCTION stamp_personal_extension_and_refuse_earlier() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offer record;
BEGIN
    NEW.at := transaction_timestamp();
    -- Two extensions of one person are given one after the other: each is judged against the one before.
    SELECT o.status, o.closes_at INTO STRICT offer
        FROM offers_offer o WHERE o.id = NEW.offer_id FOR NO KEY UPDATE;
    IF offer.status <> 'PUBLISHED' THEN
        RAISE EXCEPTION 'the offer is not published' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_personal_extension_is_of_a_published_offer';
    END IF;
    NEW.closed_at_before := GREATEST(offer.closes_at, (
        SELECT max(e.closes_at) FROM submissions_personalextension e
        WHERE e.offer_id = NEW.offer_id AND e.candidate_id = NEW.candidate_id
    ));
    IF NEW.closes_at <= GREATEST(NEW.closed_at_before, NEW.at) THEN
        RAISE EXCEPTION 'closes at % but % holds already, at %', NEW.closes_at, NEW.closed_at_before, NEW.at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_personal_extension_closes_only_later';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER personal_extension_is_stamped_and_later BEFORE INSERT ON submissions_personalextension
    FOR EACH ROW EXECUTE FUNCTION stamp_personal_extension_and_refuse_earlier();
"""

# The rules of 0002, word for word but for the closing: the person's own, if they have one and it is later.
STAMP_AND_REFUSE_LATE = """
CREATE OR REPLACE FUNCTION stamp_filing_and_refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offer record;
BEGIN
    -- Whatever the application supplied is ignored: the instant of a filing is the database's.
    NEW.received_at := transaction_timestamp();
    -- FOR SHARE: an offer that is being cancelled or corrected at this moment is waited for, not guessed.
    SELECT o.status, o.opens_at, {closing} AS closes_at INTO STRICT offer
        FROM offers_offer o JOIN submissions_submission s ON s.offer_id = o.id
        WHERE s.id = NEW.submission_id FOR SHARE OF o;
    IF offer.status <> 'PUBLISHED' OR NEW.received_at < offer.opens_at THEN
        RAISE EXCEPTION 'the offer is not open' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_is_made_on_an_open_offer';
    END IF;
    IF NEW.received_at >= offer.closes_at THEN
        RAISE EXCEPTION 'received at % but the offer closed at %', NEW.received_at, offer.closes_at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_is_received_before_closing';
    END IF;
    RETURN NEW;
END $$;
"""

REFUSE_LATE_COMMIT = """
CREATE OR REPLACE FUNCTION refuse_incomplete_or_late_commit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closing timestamptz;
BEGIN
    IF NOT EXISTS (SELECT FROM submissions_receipt r WHERE r.filing_id = NEW.id)
        OR NOT EXISTS (SELECT FROM submissions_verdict v WHERE v.filing_id = NEW.id) THEN
        RAISE EXCEPTION 'a filing commits with its receipt and its verdict' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_has_its_receipt_and_verdict';
    END IF;
    SELECT {closing} INTO STRICT closing
        FROM offers_offer o JOIN submissions_submission s ON s.offer_id = o.id
        WHERE s.id = NEW.submission_id;
    -- A transaction begun in time may not be held open to file at leisure.
    IF clock_timestamp() > closing + interval '60 seconds' THEN
        RAISE EXCEPTION 'the filing commits more than 60 s after closing' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_commits_within_a_minute_of_closing';
    END IF;
    RETURN NULL;
END $$;
"""

# GREATEST leaves out what is null: without an extension, the offer's own closing.
PERSONS_OR_OFFERS = """GREATEST(o.closes_at, (
            SELECT max(e.closes_at) FROM submissions_personalextension e
            WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id
        ))"""
OFFERS_ALONE = "o.closes_at"


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_days_of_any_programme"),
        ("submissions", "0009_selection"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonalExtension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=250, verbose_name="motif")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="accordé le",
                    ),
                ),
                (
                    "closed_at_before",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="fermeture prévue avant",
                    ),
                ),
                ("closes_at", models.DateTimeField(verbose_name="nouvelle fermeture")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="auteur",
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="personal_extensions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="personne candidate",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="personal_extensions",
                        to="offers.offer",
                        verbose_name="offre",
                    ),
                ),
            ],
            options={
                "verbose_name": "délai personnel",
                "verbose_name_plural": "délais personnels",
                "default_permissions": ("add", "view"),
                "indexes": [
                    models.Index(
                        fields=["candidate", "offer"],
                        include=["closes_at", "at"],
                        name="extensions_of_a_person",
                    ),
                    models.Index(fields=["offer", "at"], name="extensions_of_an_offer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("closed_at_before"))),
                        name="a_personal_extension_closes_later_than_before",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="a_personal_extension_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("author", models.F("candidate")), _negated=True),
                        name="nobody_extends_their_own_deadline",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            STAMP_AND_REFUSE_EARLIER,
            """
            DROP TRIGGER personal_extension_is_stamped_and_later ON submissions_personalextension;
            DROP FUNCTION stamp_personal_extension_and_refuse_earlier();
            """,
        ),
        append_only("submissions_personalextension"),
        migrations.RunSQL(
            STAMP_AND_REFUSE_LATE.format(closing=PERSONS_OR_OFFERS),
            STAMP_AND_REFUSE_LATE.format(closing=OFFERS_ALONE),
        ),
        migrations.RunSQL(
            REFUSE_LATE_COMMIT.format(closing=PERSONS_OR_OFFERS),
            REFUSE_LATE_COMMIT.format(closing=OFFERS_ALONE),
        ),
    ]
