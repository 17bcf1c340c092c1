"""Triggers that fire by themselves: how soon a start is ready for many of them, what each takes,
how late they are when many are due together or one after the other, and what they cost while none
is.

Lateness is told twice: when the event was written, which is in the writer's work and before its
commit, and when its run began, which a worker outside can only do after it."""

import shutil
import sqlite3
import time

from machine import Watch, quantile
from server import Server
from table import percent, show

FAR_AWAY_S = 300 * 24 * 3600
BEFORE_THE_FIRST_S = 4.0


def schedules(scratch, quick):
    many = 20_000 if quick else 100_000
    waiting(scratch, [1_000, many] if quick else [1_000, many, 1_000_000], 5 if quick else 30)
    for workers in ("0", "10000"):
        due_together(scratch, 2_000 if quick else 10_000, workers)
    for workers in ("0", "10000"):
        one_after_the_other(scratch, 1_000, 5 if quick else 30, workers)


class Scheduled:
    """A data directory with a template trigger, of which rows are copied while no server runs."""

    def __init__(self, scratch):
        self.folder = scratch / "data"
        server = Server(self.folder, "--workers", "0")
        self.token = server.token
        self.template = server.add_trigger(server.add_bot()).id
        server.stop()

    def add(self, count, first_due_ms, apart_ms=0.0, schedule="daily"):
        """So many more; interval words count from an anchor that makes them due then."""
        day = 24 * 3600 * 1000
        database = sqlite3.connect(self.folder / "bellpull.db")
        columns = [row[1] for row in database.execute("pragma table_info(triggers)")
                   if row[1] not in ("id", "tag", "alias", "schedule", "schedule_anchor",
                                     "next_due_at", "next_trigger_at")]
        copied = ", ".join(columns)
        database.execute(
            f"insert into triggers (tag, schedule, schedule_anchor, next_due_at, next_trigger_at, "
            f"{copied}) with recursive n(i) as (select 0 union all select i + 1 from n "
            f"where i + 1 < ?1) select randomblob(10), ?2, cast(?3 + i * ?4 as integer) - ?5, "
            f"cast(?3 + i * ?4 as integer), cast(?3 + i * ?4 as integer), {copied} "
            f"from n, (select * from triggers order by id limit 1)",
            (count, schedule, first_due_ms, apart_ms, day))
        database.commit()
        database.close()

    def serve(self, *options):
        return Server(self.folder, *options, token=self.token)

    def remove(self):
        shutil.rmtree(self.folder)


def wait_for_metric(server, name, value, seconds=60):
    """Until a metric has at least a value: how long that took since the start of the process."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if metric(server, name) >= value:
            return time.monotonic() - server.started
        time.sleep(0.005)
    raise RuntimeError(f"{name} does not reach {value}: {metric(server, name)}")


def metric(server, name):
    for line in server.text_of("/metrics").splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    return 0.0


def waiting(scratch, counts, seconds):
    rows = []
    for count in counts:
        stage = Scheduled(scratch)
        without = stage.serve()
        wait_for_metric(without, "bellpull_schedules", 0)
        base_mb = without.anonymous_mb()
        without.stop()
        stage.add(count, time.time() * 1000 + FAR_AWAY_S * 1000, 1.0)
        server = stage.serve()
        try:
            ready_s = wait_for_metric(server, "bellpull_schedules", count)
            mb = server.anonymous_mb() - base_mb
            time.sleep(3)
            watch = Watch(server=server)
            before = server.switches()
            time.sleep(seconds)
            wakeups = (server.switches() - before) / seconds
            used = watch.read()
            rows.append([count, f"{server.ready_after_s:.2f}", f"{ready_s:.2f}",
                         f"{mb * 1024 * 1024 / count:.0f}",
                         f"{used['cpu']['server'] / seconds * 100:.2f} %", f"{wakeups:.1f}",
                         percent(used["foreign"])])
        finally:
            server.kill()
            stage.remove()
    show("Schedules that wait",
         ["triggers", "serving after s", "all known after s (bar 1 at 100,000)",
          "bytes each (bar 300)", "CPU (bar 1 %)", "wake-ups/s", "foreign CPU"], rows)


def lateness(server):
    """In ms, as their events say: when they were written, before the commit. Never more than what
    somebody outside sees."""
    return [late for (late,) in server.query(
        "select received_at - scheduled_at from events where scheduled_at is not null")]


def lateness_of_runs(server, count):
    """In ms, until their runs began, which is after the commit. Never less than what somebody
    outside sees of the schedule."""
    end = time.monotonic() + 60
    while True:
        late = [ms for (ms,) in server.query(
            "select r.started_at - e.scheduled_at from events e join runs r on r.id = e.id "
            "where e.scheduled_at is not null and r.started_at is not null")]
        if len(late) >= count:
            return late
        if time.monotonic() > end:
            raise RuntimeError(f"only {len(late)} of {count} runs began")
        time.sleep(0.2)


def in_both_ways(server, count, workers):
    """Names and lists of lateness: with workers, by the runs, too."""
    ways = {"written": lateness(server)}
    if workers != "0":
        ways["run began"] = lateness_of_runs(server, count)
    return ways


def due_together(scratch, count, workers):
    stage = Scheduled(scratch)
    first_due_ms = int((time.time() + BEFORE_THE_FIRST_S) * 1000)
    stage.add(count, first_due_ms)
    # Many more that are not due: they are not to be felt.
    stage.add(10 * count, time.time() * 1000 + FAR_AWAY_S * 1000, 1.0)
    server = stage.serve("--workers", workers)
    try:
        watch = Watch(server=server)
        wait_for_metric(server, "bellpull_schedule_fired_total", count, 120)
        seen_s = time.time() - first_due_ms / 1000
        used = watch.read()
        ways = in_both_ways(server, count, workers)
        commits = metric(server, "bellpull_store_commits_total")
    finally:
        server.kill()
        stage.remove()
    show(f"{count} schedules due in the same moment, workers {workers}",
         ["by", "fired", "the last after s (bar 2)", "p50 s", "server CPU µs each", "commits",
          "foreign CPU"],
         [[way, len(late), f"{max(late) / 1000:.2f}", f"{quantile(late, 0.5) / 1000:.2f}",
           f"{used['cpu']['server'] / count * 1e6:.0f}", f"{commits:.0f}",
           percent(used["foreign"])] for way, late in ways.items()],
         f"`/metrics`, which counts after the commit, had them all after {seen_s:.2f} s.")


def one_after_the_other(scratch, rate, seconds, workers):
    count = rate * seconds
    stage = Scheduled(scratch)
    stage.add(count, int((time.time() + BEFORE_THE_FIRST_S) * 1000), 1000 / rate)
    server = stage.serve("--workers", workers)
    try:
        watch = Watch(server=server)
        wait_for_metric(server, "bellpull_schedule_fired_total", count, seconds + 120)
        used = watch.read()
        ways = in_both_ways(server, count, workers)
    finally:
        server.kill()
        stage.remove()
    show(f"{rate} schedules a second for {seconds} s, workers {workers}",
         ["by", "fired", "late ms p50", "p99 (bar 50)", "max", "server CPU", "foreign CPU"],
         [[way, len(late), quantile(late, 0.5), quantile(late, 0.99), max(late),
           f"{used['cpu']['server'] / used['seconds'] * 100:.0f} %", percent(used["foreign"])]
          for way, late in ways.items()])
