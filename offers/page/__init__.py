"""Parser of the text of a published offer page. Pure: text in, facts out; no model, clock, file or network."""
