"""Accounts: what customers do with their own.

registration      by a proven mobile, or by name with an e-mail
code_sign_in      sign-in by SMS code, which registers a new number
new_customer      the row of a new customer, and the transaction of every registration
login             sign-in by password
repeated_sign_in  the answer to a retry of a sign-in or registration
activation        proving an e-mail by a link
recovery          a forgotten password
recovery_codes    the codes that prove a mailbox or mobile for it
reauthentication  saying once more who one is, before a change of what one signs in with
contact_details   the profile; a new mobile or e-mail
social_links      accounts of sign-in providers, bind tickets
lookup            customers by what they sign in with; inserting one
email_keys        keys of e-mails, renewed for rows of an older version
devices           where the customer is signed in
new_device        the notice of a sign-in on a new device
activity          what happened lately
importing         customers from another system
"""
