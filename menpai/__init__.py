"""Menpai, the customer account centre: a room for each subject, from the outside in.

__main__ apps celery settings wsgi urls    entry points: the command's and Django's
process        run, web, child processes, start-up checks
worker         sends messages, regular jobs
pages          the customers' pages, development mailbox and consent page
contracts      the HTTP interfaces: /v1, /user, /api
admin          the staff admin
staff          staff sign-in and passwords
management     Django's commands
social         sign-in with providers
accounts       registration, sign-in, recovery, contact details, devices
reports        cost and delivery of SMS
addresses      the address book
passwords      policy, hashing, failed attempts
codes          one-time codes and tickets, limits on sending
delivery       messages: rendering, outbox, channels, SMS
sessions       sessions and tokens
integrations   the shop's own services: cart, alerts
captcha        challenges and passes
audit          the audit trail
http           outbound requests, signatures
database       compiled statements, idempotency
ephemeral      short-lived data, in Redis or SQL
keys           the keys file, rotation
models brand identifiers user_agents rules errors environment    tables, checked text, numbers, refusals
"""
