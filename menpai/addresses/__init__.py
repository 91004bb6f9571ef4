"""Addresses: the address book of a customer, and signed snapshots for orders.

book           add, edit, remove, restore, the default
checks         warnings about an address, which refuse nothing
outdated       how many addresses name a region of the past
parsing/       pasted texts: their fields, and what is in doubt
record         one address: its fields, and what is checked of them
region_names   the region that typed names stand for, today's or a former one
region_texts   the region that an address of one text begins with
regions/       the regions of China: dates, successors, towns
made_up_codes  codes of an older picker, mapped to real ones at each migration

snapshots        take a snapshot of an address for an order
signed_snapshot  a snapshot as it is signed: a JWS, made and verified
"""
