"""The staff admin. Staff look, disable and end sessions; what customers own is changed by customers only.

Lists show masked mobiles and e-mails, nothing shows a secret, and a long list costs as few statements as a short one.
"""

from menpai.admin import accounts, customers, messages, submissions, trail

__all__ = ["accounts", "customers", "messages", "submissions", "trail"]
