"""1 MiB bodies at speed, and how long the write-ahead log gets."""

import time

from load import Load
from machine import Watch
from scene import serving
from table import percent, show

BODY = 1 << 20


def large(scratch, quick):
    seconds = 3 if quick else 15
    with serving(scratch, "--workers", "0") as server:
        trigger = server.add_trigger(server.add_bot())
        watch = Watch(server=server)
        load = Load(scratch / "load.log", server.port, trigger.path, trigger.secret,
                    connections=16, seconds=seconds, size=BODY)
        log, memory = 0, 0.0
        while load.is_alive():
            log = max(log, (server.folder / "bellpull.db-wal").stat().st_size)
            memory = max(memory, server.anonymous_mb())
            time.sleep(0.05)
        report = load.report()
        used = watch.read()
    show("1 MiB bodies, 16 connections", ["events/s", "MB/s", "p50 ms", "p99 ms", "statuses",
                                          "WAL at most MB", "anonymous MB at most", "foreign CPU"],
         [[f"{report['rate']:.0f}", f"{report['rate'] * BODY / 1e6:.0f}",
           f"{report['latency']['p50_ms']:.1f}", f"{report['latency']['p99_ms']:.1f}",
           report["statuses"], f"{log / 1e6:.0f}", f"{memory:.0f}", percent(used["foreign"])]])
