"""The administration's first page: each role's work, in figures that lead to their lists."""
