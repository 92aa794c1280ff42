"""Mails to candidates: composition, obsolescence and reminders."""
