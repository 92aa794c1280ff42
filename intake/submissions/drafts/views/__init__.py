"""Views of a draft. Each parses the request, calls one operation, and displays the result."""
