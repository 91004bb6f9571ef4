"""`python -m regions.measure`: prints what loading the edition costs a process."""

import time
import tracemalloc

from menpai.addresses.regions import edition

if __name__ == "__main__":
    began = time.perf_counter()
    held = edition.shipped()
    took = time.perf_counter() - began
    tracemalloc.start()
    held = edition.shipped()
    print(f"{took * 1000:.0f} ms, {tracemalloc.get_traced_memory()[0] / 1e6:.1f} MB")
