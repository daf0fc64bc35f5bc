"""The benchmark: ratios against bare PostgreSQL in one run. `make bench`, or `python -m tests.bench --help`."""
