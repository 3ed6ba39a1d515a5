"""Commands of `records` about what comes after a run: amendments, reviews, numbers."""
