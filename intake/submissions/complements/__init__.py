"""Ask for a complement: what may change, and until when."""
