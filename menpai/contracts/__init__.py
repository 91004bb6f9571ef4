"""Contracts: read a request, call one use case, write the response in the words of that contract.

v1/                  the published contract with codes in the body
user/                the published contract with real statuses and errors by field
api/                 the modern API, with an OpenAPI document
endpoints            what the two published contracts share: running a view, the methods of a URL
repeats              the first answer again, for the same request within seconds
origins              which pages may make a browser send or change something
middleware           headers of every response, unforeseen errors
request_body         text fields from JSON and forms, within bounds
request_context      the client behind the proxies, the customer behind the token
responses            JSON, Retry-After, how faults are logged
captcha_challenges   a challenge as every contract shows it
health               liveness, readiness, public keys
sms_receipts         delivery receipts from SMS vendors
"""
