"""The demo insurer: its files are made and imported, its nights run, and what happened is told.

Everything goes through the public ways of the product; the commands call `run_demo`.
"""

from jobs.demo.play import run_demo

__all__ = ["run_demo"]
