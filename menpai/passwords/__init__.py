"""Passwords: what they must be like, how they are stored, how often they are tried.

password        check, match, change and replace a customer's password
policy          length, common passwords, likeness to the customer's own data
hashing         hashes
hash_queue      whose hash is made next, on threads of their own
foreign_hashes  hashes of other systems, after an import
attempts        failed attempts, delays and captchas
own_password    what staff type again before a way to sign in changes
common/         lists of common passwords
"""
