"""The words of `words.toml`."""

import tomllib
from importlib.resources import files

_WORDS: dict[str, dict[str, str]] = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def section(name: str) -> dict[str, list[str]]:
    """The lists of a section by their keys."""
    return {key: words.split() for key, words in _WORDS[name].items()}


def pairs(words: list[str]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in words)
