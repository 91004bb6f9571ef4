"""The worker's work; the processes that run it are in process/.

relay          due messages are found and delivered, with or without Celery
retention      what is deleted when
unused_codes   an alert when hardly any code is used
"""
