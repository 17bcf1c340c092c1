"""A server with nothing to do: memory, wake-ups, and how fast it is ready."""

import shutil
import time

from machine import Watch
from scene import serving
from server import Server
from table import percent, show

STARTS = 10


def idle(scratch, quick):
    seconds = 10 if quick else 60
    starts = []
    for i in range(STARTS):
        folder = scratch / f"start-{i}"
        server = Server(folder)
        starts.append(server.ready_after_s * 1000)
        server.stop()
        shutil.rmtree(folder)
    with serving(scratch) as server:
        trigger = server.add_trigger(server.add_bot())
        server.status_of(trigger.path)
        time.sleep(5)
        watch = Watch(server=server)
        before = server.switches()
        time.sleep(seconds)
        rate = (server.switches() - before) / seconds
        used = watch.read()
        memory = server.anonymous_mb()
    show("Idle", ["ready on an empty directory ms, worst (bar 200)", "anonymous MB (bar 30)",
                  "wake-ups/s (bar 1)", "CPU", "foreign CPU"],
         [[f"{max(starts):.0f} of {STARTS}, median {sorted(starts)[STARTS // 2]:.0f}",
           f"{memory:.1f}", f"{rate:.2f}", f"{used['cpu']['server'] / seconds * 100:.2f} %",
           percent(used["foreign"])]])
