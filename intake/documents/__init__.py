"""Uploads: inspected in a child process, cleaned, stored, and shown back in the form that others will read."""
