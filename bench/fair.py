"""What one trigger's flood does to another trigger's queue delay."""

import statistics
import time

from load import Load
from machine import Watch, quantile
from scene import queue_delays_ms, serving
from table import percent, show

TRIGGERS = 20   # that would share the server
TIMES = 20      # the flood: so many times one's share, which is all that the server can do
WARM_UP_S = 2


def fair(scratch, quick):
    seconds = 6 if quick else 30
    capacity = measure_capacity(scratch, 3 if quick else 10)
    share = capacity / TRIGGERS
    rows = []
    for flood in (0, TIMES * share):
        rows.append(measure(scratch, share / 2, flood, seconds))
    alone, flooded = rows
    show("Fairness",
         ["", "its events/s", "the other's events/s", "queue delay mean ms", "p50 ms", "p99 ms",
          "foreign CPU"],
         [["alone", *alone], ["beside a flood", *flooded]],
         f"One trigger sends half of its share (a {TRIGGERS}th of {capacity:.0f} runs/s); the "
         f"other {TIMES} times its share. p99 beside the flood is "
         f"{flooded[4] / max(alone[4], 1):.1f} times p99 alone (bar: 2). Both times are kept in whole "
         "milliseconds, so below 2 ms only the mean tells more.")


def measure_capacity(scratch, seconds):
    """Runs a second when more come than can be run."""
    with serving(scratch) as server:
        trigger = server.add_trigger(server.add_bot())
        Load(scratch / "load.log", server.port, trigger.path, trigger.secret, connections=64,
             seconds=seconds).report()
        ended = server.query("select count(*) from runs where state = 4")[0][0]
    return ended / seconds


def measure(scratch, rate, flood, seconds):
    with serving(scratch) as server:
        bot = server.add_bot()
        quiet, busy = server.add_trigger(bot, "quiet"), server.add_trigger(bot, "busy")
        watch = Watch(server=server)
        other = None
        if flood:
            other = Load(scratch / "flood.log", server.port, busy.path, busy.secret,
                         connections=64, seconds=seconds + 2 * WARM_UP_S, rate=flood)
        time.sleep(WARM_UP_S)
        report = Load(scratch / "load.log", server.port, quiet.path, quiet.secret, connections=16,
                      seconds=seconds, rate=rate).report()
        flooded = other.report()["rate"] if other else 0
        used = watch.read()
        end = time.monotonic() + 120
        while len(queue_delays_ms(server, "quiet")) < report["acknowledged"]:
            if time.monotonic() > end:
                raise RuntimeError("the quiet trigger's events are not all run")
            time.sleep(0.5)
        delays = queue_delays_ms(server, "quiet")
    return [f"{report['rate']:.0f}", f"{flooded:.0f}", f"{statistics.mean(delays):.2f}",
            quantile(delays, 0.5), quantile(delays, 0.99), percent(used["foreign"])]
