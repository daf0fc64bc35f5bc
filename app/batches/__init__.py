"""Batches: files that systems upload, kept in parts until a job has loaded or refused them, and the report of each.

What others may call is what this door exports; what a file may hold and how it is loaded is app/declarations'.
"""

from app.batches.actions import import_batch, receive_batch, tidy_batches, write_part
from app.batches.model import Upload

__all__ = ["Upload", "import_batch", "receive_batch", "tidy_batches", "write_part"]
