"""The administration's first page: each role's work, as figures that link to their lists."""
