"""Processes: what `menpai run`, `web` and `worker` start, and the checks before they do.

run              development, with everything embedded
web              the web server
children         child processes, signals, free ports
checks           start-up checks of the configuration
secret_checks    start-up checks of secrets
"""
