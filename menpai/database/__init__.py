"""Database: what every use case shares when it reads and writes.

compiled               statements whose SQL is taken from the ORM once
idempotency            a request that is repeated has one effect
violated_constraint    which unique key an insert or update ran into
"""
