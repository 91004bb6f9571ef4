"""Customers and addresses of another system, out of a file (docs/importing.md).

customers      the use case: rows are checked like registrations and written in batches
addresses      the same for the addresses of these customers
address_rows   one address out of a row: its text, and its region code where that is sure
earlier_rows   the names in the rows before, kept on disk
report         counts, and what becomes of the rows
reasons        why a file or a row is refused, in both languages
cells          the text of a cell that a spreadsheet may have changed
columns        headers in Chinese and English, rows under them
files          the rows of any file, told by its content
text_files     encodings, CSV and JSON lines
workbooks      .xlsx and .xls, read in a process of its own
workbook_process  that process
refused_rows   the files of refused rows and of left-out user names
"""
