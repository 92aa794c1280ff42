"""`manage.py verify_log`."""
