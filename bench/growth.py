"""What an event costs when many are kept already."""

from load import Load
from machine import Watch
from scene import serving
from table import percent, show

STEPS = 10


def growth(scratch, quick):
    total = 200_000 if quick else 10_000_000
    rows = []
    with serving(scratch, "--workers", "0") as server:
        trigger = server.add_trigger(server.add_bot())
        for step in range(STEPS):
            watch = Watch(server=server)
            report = Load(scratch / "load.log", server.port, trigger.path, trigger.secret,
                          connections=256, seconds=3600, count=total // STEPS,
                          first=1 + step * (total // STEPS)).report(3600)
            used = watch.read()
            rows.append([(step + 1) * total // STEPS, f"{report['rate']:.0f}",
                         f"{used['cpu']['server'] * 1e6 / report['acknowledged']:.1f}",
                         f"{report['latency']['p99_ms']:.1f}", f"{server.anonymous_mb():.0f}",
                         percent(used["foreign"])])
    show(f"Ingest while {total} events gather, 256 connections, workers off", [
        "events kept", "events/s", "CPU/event us", "p99 ms", "anonymous MB", "foreign CPU"], rows)
