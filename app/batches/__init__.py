"""Batches: files that systems upload, kept in parts until a job has loaded or refused them, and the report of each.

What others may call is what this door exports; what a file may hold and how it is loaded is app/declarations'.
"""

from app.batches.actions import import_batch, tidy_batches

__all__ = ["import_batch", "tidy_batches"]
