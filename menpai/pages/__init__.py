"""Pages: the customers' pages, and two pages for development.

shell          the HTML shell of every page, its files, headers and redirects
build          the files that Vite built
static_files   the files of the staff admin and of the docs page
dev_mailbox    the development mailbox
dev_consent    the consent page of simulated providers
"""
