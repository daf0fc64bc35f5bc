"""Proof under faults: the product's own code on a real PostgreSQL, with a calendar, a world and faults from a seed."""
