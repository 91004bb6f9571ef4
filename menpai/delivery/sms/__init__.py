"""SMS: which gateway, at what price, and what became of each.

gateway            the interface of a gateway, and what it is given
vendors/           the gateways, one vendor a file
vendor             a gateway's conversation with its vendor
vendor_templates   approved templates, variables and signatures
routes             MENPAI_SMS_ROUTES: which gateways serve which region
selection          the gateways for one message, best first
breaker            gateways that do not work are paused
prices             what an SMS costs
budget             what may be spent in an hour and in a day
carriers           the carrier of a mainland number
submissions        the rows of each handing-over to a gateway
receipts           what a vendor's receipt changes
receipt_parsing    receipts as vendors write them
reasons            explanations of failures, for staff
"""
