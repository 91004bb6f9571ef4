"""Staff: their sign-in and their passwords.

middleware    Django's sessions, sign-in and CSRF check, under /admin/ only
passwords     rules for their passwords
"""
