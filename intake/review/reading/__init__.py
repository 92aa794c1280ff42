"""The reading page: the pages of a filed dossier beside what its reader verifies and marks, and the next file."""
