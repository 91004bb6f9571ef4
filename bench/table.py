"""One line a job, as it is printed and kept in docs/performance.md."""

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- made by `make bench` -->", "<!-- end of what is made -->"
HEAD = ("job", "menpai", "reference", "ratio", "target", "met?")


@dataclass(frozen=True)
class Line:
    job: str
    menpai: str
    reference: str = "–"
    ratio: str = "–"
    target: str = "–"
    met: bool | None = None  # None: there is no target

    def cells(self) -> tuple[str, ...]:
        met = {None: "–", True: "yes", False: "**no**"}[self.met]
        return self.job, self.menpai, self.reference, self.ratio, self.target, met


def markdown(lines: list[Line]) -> str:
    rows = [HEAD, *(line.cells() for line in lines)]
    made = [f"| {' | '.join(row)} |" for row in rows]
    made.insert(1, "|---" * len(HEAD) + "|")
    return "\n".join(made)


def keep(text: str) -> None:
    """Put it between the markers of the page; the rest of the page is written by hand."""
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
