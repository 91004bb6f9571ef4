"""`python -m regions [FILE]`: writes the edition, into the product unless a file is named."""

import sys
from pathlib import Path

from regions import archive

SHIPPED = Path(__file__).parents[1] / "menpai/addresses/regions/edition.zip"

if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED
    counts = archive.write(path)
    print(f"{path.name}: {path.stat().st_size} bytes,", ", ".join(f"{name} {n}" for name, n in counts.items()))
