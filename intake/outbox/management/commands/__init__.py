"""`manage.py check_outbox`, `deliver_outbox`, `read_mail_report` and `sweep_outbox`."""
