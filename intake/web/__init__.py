"""What every page needs and no domain knows: references, language, errors, formats, the admin's frame."""
