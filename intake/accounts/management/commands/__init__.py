"""`manage.py change_account`."""
