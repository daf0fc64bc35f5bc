"""The queue as others read it: which jobs wait, run, are done or failed, and why. The rows are app/core/jobs.py's.

What others may call is what this door exports.
"""

from app.queue.model import JobStatus
from app.queue.queries import job_status

__all__ = ["JobStatus", "job_status"]
