"""`make bench`: runs the jobs in turn and prints a table. `--quick`: one-second rounds; `--only JOB`."""

import argparse
import os
import signal
import sys
import time

from bench import jobs, pasted, place, sms, table, work

RUN = jobs.RUN | work.RUN | pasted.RUN | {"gateway": sms.sms}


def main() -> int:
    options = _parser().parse_args()
    wanted = options.only or list(RUN)
    if len(place.CORES) < 2:
        print("Two cores are needed: one for what is measured, one for the load.", file=sys.stderr)
        return 1
    for name in [name for name in os.environ if name.startswith("MENPAI_")]:
        del os.environ[name]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is ended
    os.sched_setaffinity(0, {place.LOAD})
    begin, lines = time.monotonic(), []
    seconds, rounds = (1.0, 1) if options.quick else (3.5, 3)
    print(f"Measured on core {place.MEASURED}; the load, PostgreSQL and Redis on core {place.LOAD}.", flush=True)
    with place.prepared(seconds, rounds, served=bool(set(wanted) - work.UNSERVED - {"gateway"})) as here:
        for name in wanted:
            print(name, flush=True)
            lines += list(RUN[name](here))
    text = table.markdown(lines)
    print(f"\n{text}\n\n{time.monotonic() - begin:.0f} s", flush=True)
    if not options.quick and not options.only:
        table.keep(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of one second each; nothing is kept")
    parser.add_argument("--only", action="append", choices=list(RUN), metavar="JOB", help=", ".join(RUN))
    return parser


if __name__ == "__main__":
    sys.exit(main())
