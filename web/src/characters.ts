// From menpai/identifiers/normalization.py, by `make client`.
export const NOISE = /[\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\u{e0100}-\u{e01ef}]+/gu
export const SEPARATORS = /[\p{Pd}\p{Zs}\x09(-)~\u2027\u2043\u2053\u2212\u2500-\u2501\u2796]+/gu
