"""Processes: what `menpai run`, `web` and `worker` start, and the checks before they do.

run              development, with everything embedded
web              the web server
metrics          where the listener for Prometheus runs
scrape           that listener
rsgi             the WSGI application under its RSGI, without header names that have `_`
children         child processes, signals, free ports
checks           start-up checks of the configuration
private_files    the data directory is for this user alone
secret_checks    start-up checks of secrets
"""
