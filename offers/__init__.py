"""Offers as published, their sections and rulebooks. Imports `eligibility`, and nothing about candidates."""
