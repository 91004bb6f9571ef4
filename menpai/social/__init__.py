"""Sign-in with Weibo, WeChat, QQ and Alipay. docs/social.md

sign_in             to a provider and back: sign in, link
newcomers           a person who is new here: register, or sign in and link
links               the linked accounts of a customer, and unlinking
oauth_state         the `state` that goes to a provider and comes back
repeated_callback   the same callback opened twice in one browser
exchange            requests to providers, bounded as a whole
provider            the interface of a provider
providers/          the providers, one a file
"""
