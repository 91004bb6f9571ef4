"""Menpai, the customer account centre. The map, from the outside in:

contracts/ pages dev_mailbox ops admin      doors: HTTP in, one use case, HTTP out; urls.py names every address
registration activation login recovery      what a customer can do, one module each
address_book devices identity password
codes limits tokens delivery/ idempotency   how it is done
ephemeral/                                  short-lived facts: Redis or SQL
models reads identifiers rules errors keys  what is known: tables, checked text, numbers, refusals, keys
"""
