"""Pasted addresses: what the parser makes of them, and what holds whatever the text."""
