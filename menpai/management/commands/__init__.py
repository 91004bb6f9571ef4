"""Django's commands, one module each.

audit               verify, export and seal the audit trail
import_addresses    addresses of those customers
import_customers    customers of another system
snapshots           verify the snapshot of an address
regions             outdated addresses, a newer edition of the regions
sms                 reports, timelines, URLs for receipts
"""
