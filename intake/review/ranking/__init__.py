"""The order of the files, what it depends on, and the notes of the meeting."""
