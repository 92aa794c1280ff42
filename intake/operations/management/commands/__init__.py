"""`manage.py demonstrate`."""
