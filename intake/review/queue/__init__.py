"""The queue in the administration: filters, rows, saved views."""
