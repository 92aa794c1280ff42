"""`manage.py import_participants` and `manage.py rebuild_register`."""
