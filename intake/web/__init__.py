"""Code that every page needs, without domain rules: request ids, language, errors, formats, the admin site."""
