"""`manage.py anonymise`."""
