"""Start, fill in and read a draft, under the collection notice."""
