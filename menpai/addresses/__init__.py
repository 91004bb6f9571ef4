"""Addresses: the address book of a customer.

book   add, edit, remove, restore, the default
"""
