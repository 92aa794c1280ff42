"""`manage.py signing_keys`."""
