"""HTTP towards other people's servers: vendors, sign-in providers, the shop's own services.

outbound          one request, bounded in time and size; the only user of httpx
loopback          names of this machine; whether the pages of development may answer
signatures        Standard Webhooks: signing and checking calls between us and the shop's services
vendor_settings   MENPAI_<VENDOR>_<KEY>: needed and optional keys, defaults, problems
"""
