"""Every rule that PostgreSQL itself holds, each with the SQL that must break on it."""
