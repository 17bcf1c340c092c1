"""Starting with a million queued events."""

import time

from machine import Watch
from scene import fill
from server import Server
from table import percent, show


def million(scratch, quick):
    events = 100_000 if quick else 1_000_000
    folder = scratch / "million"
    server = Server(folder, "--workers", "0")
    report = fill(scratch, server, server.add_trigger(server.add_bot()), events)
    filled_mb = server.anonymous_mb()
    server.stop()
    size = (folder / "bellpull.db").stat().st_size
    rows = []
    for what, options in (("workers off", ["--workers", "0"]), ("workers on", [])):
        watch_start = time.monotonic()
        server = Server(folder, *options, token=server.token)
        try:
            watch = Watch(server=server)
            worst = server.anonymous_mb()
            while time.monotonic() - watch_start < 10:
                worst = max(worst, server.anonymous_mb())
                time.sleep(0.05)
            rows.append([what, f"{server.ready_after_s:.2f}", f"{worst:.0f}",
                         percent(watch.read()["foreign"])])
        finally:
            server.kill()
    show(f"Start with {events} queued events",
         ["", "ready after s (bar 2)", "anonymous MB at most in 10 s (bar 150)", "foreign CPU"],
         rows,
         f"They were taken at {report['rate']:.0f}/s, which left the server with "
         f"{filled_mb:.0f} MB; the data file has {size / events:.0f} bytes an event.")
