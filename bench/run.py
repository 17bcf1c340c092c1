"""Runs out: a steady rate through builtin/demo without actions, then a backlog."""

import subprocess
import time

from load import Load
from machine import Watch, quantile
from scene import fill, queue_delays_ms, serving
from server import Server
from table import percent, show

RATE = 3000


def run(scratch, quick):
    steady(scratch, seconds=10 if quick else 60)
    drain(scratch, events=10_000 if quick else 100_000)


def steady(scratch, seconds):
    with serving(scratch) as server:
        trigger = server.add_trigger(server.add_bot())
        watch = Watch(server=server)
        load = Load(scratch / "load.log", server.port, trigger.path, trigger.secret,
                    connections=64, seconds=seconds, rate=RATE)
        backlog = []
        while load.is_alive():
            time.sleep(1)
            backlog.append(server.pending())
        report = load.report()
        used = watch.read()
        ended = server.query("select count(*) from runs where state = 4")[0][0]
        drained = server.wait_until_drained(60)
        recorded = server.query("select count(*) from runs where state = 4")[0][0]
        delays = queue_delays_ms(server)
        server.stop()
        size = bytes_of(server)
    half = len(backlog) // 2
    show(f"Runs: {RATE} events/s in for {seconds} s", [
        "events/s in", "runs/s out", "all recorded", "backlog, 1st half", "2nd half",
        "queue delay p50 ms", "p99 ms", "ingest p99 ms", "CPU/run us", "bytes/run",
        "foreign CPU"], [[
            f"{report['rate']:.0f}", f"{ended / used['seconds']:.0f}",
            "yes" if drained and recorded == report["acknowledged"] else
            f"NO: {recorded} of {report['acknowledged']}",
            f"{max(backlog[:half], default=0)} at most",
            f"{max(backlog[half:], default=0)} at most",
            quantile(delays, 0.5), quantile(delays, 0.99), f"{report['latency']['p99_ms']:.1f}",
            f"{used['cpu']['server'] * 1e6 / max(ended, 1):.0f}",
            f"{sum(size.values()) / max(recorded, 1):.0f}", percent(used["foreign"])]],
        f"Not sent in time by the load: {report['behind']}.")
    show("Where a run's bytes are", ["table or index", "bytes/run"],
         [[name, f"{bytes / max(recorded, 1):.0f}"] for name, bytes in size.items()
          if bytes / max(recorded, 1) >= 1])


def bytes_of(server):
    """Bytes of every table and index of both files, largest first."""
    found = {}
    for file in sorted(server.folder.glob("*.db")):
        # python3's sqlite3 comes without dbstat; Debian's sqlite3 program has it.
        listed = subprocess.run(
            ["sqlite3", "-readonly", str(file),
             "select name, sum(pgsize) from dbstat group by name"],
            check=True, capture_output=True, text=True).stdout
        for line in listed.splitlines():
            name, size = line.rsplit("|", 1)
            found[f"{name} ({file.name})"] = int(size)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def drain(scratch, events):
    """Queued with the workers off, then run with nothing coming in."""
    data = scratch / "drain"
    server = Server(data, "--workers", "0")
    trigger = server.add_trigger(server.add_bot())
    fill(scratch, server, trigger, events)
    server.stop()
    server = Server(data, token=server.token)
    try:
        watch = Watch(server=server)
        drained = server.wait_until_drained(600)
        used = watch.read()
        seconds = used["seconds"] + server.ready_after_s
        left = server.pending()
        server.stop()
    finally:
        server.kill()
    show(f"Drain of {events} queued events", ["runs/s", "seconds", "CPU/run us", "all ended",
                                              "foreign CPU"],
         [[f"{(events - left) / seconds:.0f}", f"{seconds:.1f}",
           f"{used['cpu']['server'] * 1e6 / events:.0f}", "yes" if drained else f"NO: {left} left",
           percent(used["foreign"])]])
