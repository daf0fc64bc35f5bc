"""Work that nobody waits for: the night, the worker and the sweep."""
