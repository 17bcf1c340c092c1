"""What deleting something huge does to those who send events meanwhile."""

import contextlib
import sqlite3
import time

from load import Load
from machine import Watch
from scene import fill, serving
from server import Server
from table import percent, show

RATE = 2000
MESSAGES_SQL = """
  with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)
  insert into messages (conversation, number, type, text, name, description, meta, created_at)
  select (select max(id) from conversations), i, 0, 'message ' || i, '', '', '{}', 1 from n"""


def delete(scratch, quick):
    size = 50_000 if quick else 1_000_000
    rows = [delete_trigger(scratch, size), delete_conversation(scratch, size)]
    show(f"Deleting something with {size} rows", [
        "what", "seconds until it is gone", "ingest p99 before ms", "while deleting ms",
        "ratio (bar: 2)", "WAL at most MB", "foreign CPU"], rows,
        f"Events come in at {RATE}/s on another trigger; p99 is the median of the seconds' p99.")


def delete_trigger(scratch, size):
    with serving(scratch, "--workers", "0") as server:
        bot = server.add_bot()
        huge, other = server.add_trigger(bot), server.add_trigger(bot)
        fill(scratch, server, huge, size)
        return ["a trigger's queued events"] + measure(
            scratch, server, other, lambda: server.api(
                "POST", f"/integration/trigger/{huge.id}/delete", {}))


def delete_conversation(scratch, size):
    """Its messages are written into the file of a stopped server: by API they come one by one."""
    with serving(scratch, "--workers", "0") as first:
        conversation = first.api("POST", "/conversation/create", {"name": "huge"})["id"]
        other = first.add_trigger(first.add_bot())
        first.stop()
        with contextlib.closing(sqlite3.connect(first.database)) as file:
            file.execute(MESSAGES_SQL, (size,))
            file.execute("update conversations set messages = ?", (size,))
            file.commit()
        server = Server(first.folder, "--workers", "0", token=first.token)
        try:
            return ["a conversation's messages"] + measure(
                scratch, server, other, lambda: server.api(
                    "POST", f"/conversation/{conversation}/delete", {}))
        finally:
            server.kill()


def measure(scratch, server, other, erase):
    before_s = 10
    watch = Watch(server=server)
    load = Load(scratch / "load.log", server.port, other.path, other.secret, connections=32,
                seconds=3600, rate=RATE)
    time.sleep(before_s)
    start = time.monotonic()
    erase()
    wal = 0
    while server.query("select count(*) from jobs")[0][0] > 0:
        wal = max(wal, (server.folder / "bellpull.db-wal").stat().st_size)
        time.sleep(0.05)
    took = time.monotonic() - start
    time.sleep(max(0.0, 2 - took))
    load.child.terminate()
    report = load.report(60)
    used = watch.read()
    seconds = [second["p99_ms"] for second in report["by_second"]]
    quiet = sorted(seconds[2:before_s - 1])
    busy = sorted(seconds[before_s:before_s + max(1, int(took + 1))])
    before, during = quiet[len(quiet) // 2], busy[len(busy) // 2]
    return [f"{took:.1f}", f"{before:.1f}", f"{during:.1f}", f"{during / before:.1f}",
            f"{wal / 1e6:.0f}", percent(used["foreign"])]
