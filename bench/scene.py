"""What most measurements begin with: a server on a fresh directory, a bot, a trigger."""

import contextlib
import shutil

from load import Load
from server import Server


@contextlib.contextmanager
def serving(scratch, *options, env=None):
    """A server that is gone, with its data, when the block ends."""
    folder = scratch / "data"
    server = Server(folder, *options, env=env)
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def fill(scratch, server, trigger, count, first=1, size=300):
    """Queues so many events, as fast as they are taken."""
    report = Load(scratch / "fill.log", server.port, trigger.path, trigger.secret, connections=256,
                  seconds=3600, count=count, first=first, size=size).report(3600)
    if report["acknowledged"] != count:
        raise RuntimeError(f"{report['acknowledged']} of {count} events were taken")
    return report


def queue_delays_ms(server, trigger=None):
    """From receipt to start of each run; of one trigger, or of all."""
    which = "" if trigger is None else (
        "and r.trigger = (select id from triggers where name = '" + trigger + "')")
    return [delay for (delay,) in server.query(
        "select r.started_at - e.received_at from runs r join events e on e.id = r.id "
        "where r.started_at is not null " + which)]
