"""Staff pages that assign files."""
