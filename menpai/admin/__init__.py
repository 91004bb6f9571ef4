"""The staff admin: staff read, disable customers and end sessions.

Only customers change their own data.

Lists show masked mobiles and e-mails, nothing shows a secret, and the number of statements does not grow with a list.

accounts       staff accounts and groups
customers      customers, their sessions and addresses
snapshots      signed snapshots of addresses, without the addresses
messages       messages and their states
submissions    submissions to gateways, receipts and prices
trail          the audit trail
lists          what the lists share: read-only, masked, one search box
charts         the bar charts of the last day
"""

from menpai.admin import accounts, customers, messages, snapshots, submissions, trail

__all__ = ["accounts", "customers", "messages", "snapshots", "submissions", "trail"]
