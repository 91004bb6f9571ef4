"""Codes: one-time secrets, the tickets made of them, and how often messages may be sent.

one_time         issue, check and spend codes, tickets and links
credential_mark  what a secret remembers of its owner's credentials
tickets          one-time secrets with a selector, in two spellings
sending          the sequence of sending a code: check, count, issue, queue; spending one that came by SMS
send_limits      limits on sending, on mobile checks and on proofs by password
"""
