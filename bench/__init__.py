"""The measurements of `make bench`. docs/performance.md keeps and explains the last table."""
