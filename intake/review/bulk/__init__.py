"""One move of many files: tried, confirmed, done by a job."""
