"""Uploads: inspected in a child process, cleaned, stored, shown back as they will be read."""
