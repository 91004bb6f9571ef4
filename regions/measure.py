"""`python -m regions.measure`: prints what loading the edition costs a process."""

import time
import tracemalloc

from menpai.addresses import regions

if __name__ == "__main__":
    began = time.perf_counter()
    regions.current()
    took = time.perf_counter() - began
    regions.current.cache_clear()
    tracemalloc.start()
    regions.current()
    print(f"{took * 1000:.0f} ms, {tracemalloc.get_traced_memory()[0] / 1e6:.1f} MB")
