"""The parser of pasted addresses: one text → the fields of an address, and what it doubts.

parser      the parse: the steps in their order
cleaning    one kind of each sign, and where each character came from
labels      words of forms (收货人：)
form        takes labels and the values without a field off the text
numbers     mobiles, landlines, postcodes, identity numbers
location    takes the region and the town off the text
chains      every chain of regions that a text names, scored
gazetteer   the names that regions go by
spelling    typing mistakes in a region's name
romanised   regions in pinyin and English
place       a chain → the region of today, or candidates
pieces      what is left, in pieces
names       how much a piece looks like a name
receivers   which piece is the receiver
doubts      warnings about what a text says
state       one text on its way through the parser
result      the answer
limits      how often a session may have texts parsed
confusable  characters that are typed for each other
vocabulary  the words of words.toml

Nothing here backtracks without bound: any 1,000 characters take less than 20 ms, most texts half of one. A process
that parses loads 100 ms and 20 MB once. Texts are neither logged nor kept.
"""

from menpai.addresses.parsing.parser import parse

__all__ = ["parse"]
