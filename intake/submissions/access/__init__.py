"""A candidate's own submissions, their filing windows, and the decorators of their pages."""
