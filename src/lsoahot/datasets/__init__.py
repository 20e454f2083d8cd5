"""One thin adapter for each dataset."""
