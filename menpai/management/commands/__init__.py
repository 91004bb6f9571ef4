"""Django's commands, one module each.

audit               verify, export and seal the audit trail
import_customers    customers of another system
sms                 reports, timelines, URLs for receipts
"""
