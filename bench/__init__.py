"""What is measured and how; `make bench`. The last table, and what it says, stands in docs/performance.md."""
