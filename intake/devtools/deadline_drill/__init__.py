"""Deadline drill: invented candidates file over HTTP around a closing instant; filings and refusals are counted."""
