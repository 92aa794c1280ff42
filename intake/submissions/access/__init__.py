"""A person's own submissions, the window in which they may file, and the decorators of their pages."""
