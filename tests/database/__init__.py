"""Every rule that PostgreSQL enforces, each with the SQL that must violate it."""
