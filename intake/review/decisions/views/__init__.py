"""The pages of decision batches and of the reserve list."""
