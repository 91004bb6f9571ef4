"""Makes the edition of the regions of China that the product ships (`make regions`).

sources   what the pinned packages hold, read as data
history   the yearly tables as dated records, and what became of each region
pinyin    the readings of names
archive   the file that is written
measure   what loading it costs
"""
