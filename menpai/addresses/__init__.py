"""Addresses: the address book of a customer.

book      add, edit, remove, restore, the default
record    one address: its fields, and what is checked of them
regions/  the regions of China: dates, successors, towns
"""
