"""The carrier to which a mainland number was first allocated.

Since 2019 customers may keep a number when they change carriers, so this is only good enough to see that a whole
carrier does not get its messages.
"""

from functools import cache

# From the numbering plan of the MIIT. Four digits where a block is shared; `-virtual`: sold by others on that network.
_PREFIXES = {
    "cmcc": "134 135 136 137 138 139 147 148 150 151 152 157 158 159 172 178 182 183 184 187 188 195 197 198",
    "cucc": "130 131 132 145 146 155 156 166 175 176 185 186 196",
    "ctcc": "133 1349 149 153 173 1740 177 180 181 189 190 191 193 199",
    "cbn": "192",
    "cmcc-virtual": "165 1703 1705 1706",
    "cucc-virtual": "167 1704 1707 1708 1709 171",
    "ctcc-virtual": "162 1700 1701 1702",
}


def carrier_of(number: str) -> str:
    """`cmcc`, `cucc`, `ctcc`, `cbn`, or one with `-virtual`.

    Blank for a number abroad or an unallocated block.
    """
    digits = number.removeprefix("+86")
    if digits.startswith("+"):
        return ""
    return _table().get(digits[:4]) or _table().get(digits[:3], "")


@cache
def _table() -> dict[str, str]:
    return {prefix: carrier for carrier, prefixes in _PREFIXES.items() for prefix in prefixes.split()}
