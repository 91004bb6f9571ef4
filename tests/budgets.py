"""How much each page makes a customer load first, compressed, and whether that is within the budgets."""

import os
import re
import sys
from dataclasses import dataclass

from menpai.pages import build as page_build

KB = 1024
BOOK = "/account/addresses"  # with the form, which is loaded a little later: 80 KB; elsewhere 60 and 12


@dataclass(frozen=True)
class Weight:
    scripts: int
    styles: int


def weight(address: str, language: str, lazily: bool = False) -> Weight:
    """Bytes on the wire of a page's files; `lazily`: with all that the page may load later."""
    from menpai.pages import shell  # not before Django is set up

    build = page_build.build()
    sources = [*shell.sources(shell.PAGES[address], language)]
    if lazily:
        sources += _loaded_later(build, sources[0])
    needed = build.needed(sources)
    return Weight(_bytes((needed.script, *needed.modules)), _bytes(needed.styles))


def _loaded_later(build: page_build.Build, source: str) -> list[str]:
    """What a component imports when it is needed, at any depth, short of other pages and languages."""
    found: dict[str, None] = {}
    queue = [source]
    while queue:
        chunk = build.chunks[queue.pop()]
        for imported in chunk.get("dynamicImports", []) + chunk.get("imports", []):
            if imported not in found and not re.match(r"src/(pages/\w+Page\.vue|texts/|main\.ts)", imported):
                found[imported] = None
                queue.append(imported)
    return list(found)


def _bytes(addresses: tuple[str, ...]) -> int:
    found = [page_build.file(address.removeprefix(page_build.URL)) for address in addresses]
    return sum(len(file.compressed) for file in found if file)


def complaints() -> list[str]:
    from menpai.pages import shell

    found = []
    for language in shell.LANGUAGES:
        for address in shell.PAGES:
            with_form = address == BOOK
            now = weight(address, language, lazily=with_form)
            scripts, styles = now.scripts / KB, now.styles / KB
            print(f"{address} {language}: {scripts:.1f} KB scripts, {styles:.1f} KB styles")
            if scripts + styles > 80 if with_form else scripts > 60 or styles > 12:
                found.append(f"{address} ({language}) is heavier than its budget")
    return found


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "menpai.settings"
    django.setup()
    sys.exit("\n".join(complaints()) or None)


if __name__ == "__main__":
    main()
