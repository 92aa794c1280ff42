"""Recovery codes are stored as hashes: those of before, derived from an encrypted seed, are no longer valid.

This process has no key that decrypts a seed. Their owner still has the second factor, and makes new codes with it.
"""

from django.db import migrations

FORGET_SEEDS = """
DELETE FROM mfa_authenticator WHERE type = 'recovery_codes' AND NOT jsonb_exists(data, 'hashes')
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_own_address"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunSQL(FORGET_SEEDS, migrations.RunSQL.noop)]
