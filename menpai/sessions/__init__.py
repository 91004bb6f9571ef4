"""Sessions: who is signed in, and what proves it.

tokens          open, find and end sessions; access and refresh tokens, cookies
jwt             JSON Web Tokens and their public keys
step_up         a sign-in that is recent enough to change what one signs in with
known_devices   devices on which a customer signed in before
changes         how many changes a session may make
"""
