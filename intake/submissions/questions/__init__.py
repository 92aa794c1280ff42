"""What an offer asks, and the answers: typed, cleaned, put into words, made into facts."""
