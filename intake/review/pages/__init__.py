"""Helpers shared by staff pages: labels, the sealed filing, navigation back to the queue."""
