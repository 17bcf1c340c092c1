"""tools/bench: the published figures, as Markdown tables."""

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

from delete import delete
from fair import fair
from growth import growth
from idle import idle
from ingest import ingest
from large import large
from lists import lists
from machine import describe
from million import million
from process import Trouble
from run import run
from schedules import schedules
from slow_model import slow_model


def ingest_both(scratch, quick):
    ingest(scratch, quick, workers="0")
    ingest(scratch, quick, workers="10000")


MEASUREMENTS = {"ingest": ingest_both, "ingest-alone": ingest, "run": run, "fair": fair,
                "delete": delete, "large": large, "idle": idle, "million": million,
                "slow-model": slow_model, "growth": growth, "lists": lists,
                "schedules": schedules}
PUBLISHED = [name for name in MEASUREMENTS if name != "ingest-alone"]


def main():
    parser = argparse.ArgumentParser(prog="tools/bench", description=__doc__)
    parser.add_argument("measurements", nargs="*", choices=[*MEASUREMENTS, []], help="default: all")
    parser.add_argument("--quick", action="store_true", help="short and rough, for development")
    parser.add_argument("--folder", default=None, help="where the data goes; default: /tmp")
    arguments = parser.parse_args()
    failed = False
    for name in arguments.measurements or PUBLISHED:
        scratch = Path(tempfile.mkdtemp(prefix="bellpull-bench-", dir=arguments.folder))
        print(f"\n## {name}{' (quick)' if arguments.quick else ''}\n\n{describe(scratch)}",
              flush=True)
        start = time.monotonic()
        try:
            MEASUREMENTS[name](scratch, arguments.quick)
        except (Trouble, RuntimeError) as trouble:
            failed = True
            print(f"\n**{name} was not measured:** {trouble}")
        finally:
            with contextlib.suppress(OSError):
                shutil.rmtree(scratch)
        print(f"({time.monotonic() - start:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
