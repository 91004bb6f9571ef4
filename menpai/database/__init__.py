"""Database: what use cases share when they read and write.

compiled               statements whose SQL is taken from the ORM once
idempotency            idempotency keys: a repeated request has one effect
repeats                what a request did, for its own repeat
sqlite3                SQLite, whose writers queue
statements             the count of statements, and of their time
retry                  a write that is tried until it stands
violated_constraint    the unique constraint that an insert or update violated
"""
