"""Messages to customers, by SMS and mail: each is a row first, and sent after the commit.

messages        one function for each message
code_sms        an SMS with a code, if one can be sent now
message_kinds   the kinds, and the texts of SMS
mail_texts      the texts of mails
rendering       texts filled in: an Sms, or a Letter in text and HTML
outbox          a row's way from queued to delivered
channels        the mail server, or the gateways that a message may go by
outcomes        every answer other than "accepted"
smtp            one mail to the mail server
wakeup          Celery is told about new rows
sms/            gateways, routes, prices, budget, receipts
"""
