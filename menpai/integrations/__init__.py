"""Calls to the shop's own services, each a signed POST.

cart     the anonymous cart is handed over at sign-in
alerts   what the operator must know: rows first, delivered by the worker
"""
