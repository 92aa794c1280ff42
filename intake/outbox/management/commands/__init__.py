"""`manage.py check_outbox`."""
