"""Complement requests: operations, scope and due dates."""
