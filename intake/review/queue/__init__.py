"""The queue in the administration: filters, lines, saved views."""
