"""The dada contract, `/v1`: HTTP 200 for every business outcome, the outcome is `code` (dada.md).

envelope    the shapes of all answers
codes       the numbers, and which refusal is answered with which
account     registration, activation, sign-in
password    recovery and change of the password
addresses   the address book
weibo       sign-in with Weibo
"""

from menpai.contracts.v1 import account, addresses, password, weibo
from menpai.contracts.v1.envelope import on, unknown

__all__ = ["account", "addresses", "on", "password", "unknown", "weibo"]  # what is routed
