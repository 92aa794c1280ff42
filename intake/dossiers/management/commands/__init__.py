"""`manage.py verify_receipt`."""
