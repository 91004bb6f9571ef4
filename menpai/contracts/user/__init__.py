"""The luffy contract, `/user` and `/users`: real statuses, errors by field (luffy.md).

views     registration, sign-in, SMS codes
captcha   the captcha that its pages know
texts     the texts, and which refusal is answered with which
"""
