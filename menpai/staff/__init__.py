"""Staff: their sign-in and their passwords.

middleware    Django's sessions, sign-in and CSRF check, under /admin/ only; networks, refusals
sign_in       the form for name and password, and the comparison
second_factor          codes of an app, and backup codes
second_factor_pages    the pages for both
totp          RFC 6238
cli           `menpai staff`
sessions      their sessions in Redis, signed
attempts      how often a password may be guessed
hashing       Django's hashers, on the threads of the hashing pool
passwords     rules for their passwords
"""
