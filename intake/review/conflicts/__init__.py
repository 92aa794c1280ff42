"""Declare and lift conflicts of interest."""
