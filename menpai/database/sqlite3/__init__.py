"""SQLite, whose writers come one at a time in the order of their arrival.

base       Django's backend, whose writers queue before they begin
writers    the queue of a process, and the turn among the processes of a database
"""
