"""Why a file or a row is refused, in Chinese and English; neither quotes anything of it."""

from dataclasses import dataclass


class BadFile(ValueError):
    """The file cannot be imported at all."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")


@dataclass
class BadRow(ValueError):
    """One row is refused, or one user name left out. `column`: a field, or blank for the row as a whole."""

    column: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.column}: {self.zh} · {self.en}" if self.column else f"{self.zh} · {self.en}"
