"""Events in, against nginx answering a constant 200 to the same requests."""

import signal
import time

from load import Load
from machine import Watch
from process import ROOT, Process
from server import Server, free_port
from table import median_and_spread, percent, show

BARS = {64: 0.35, 256: 0.60, 1024: 0.70}
MOST_FOREIGN = 0.10
MOST_REPEATS = 7  # of disturbed pairs in one table: a busy machine does not get quiet by waiting


class Nginx(Process):
    def __init__(self, folder):
        folder.mkdir()
        self.port = free_port()
        text = (ROOT / "bench" / "nginx.conf").read_text().replace("PORT", str(self.port))
        (folder / "nginx.conf").write_text(text)
        super().__init__(["nginx", "-p", str(folder), "-c", "nginx.conf", "-g", "daemon off;"],
                         folder / "log")
        time.sleep(0.5)


def one_run(scratch, server, target, connections, seconds):
    """Requests a second, CPU microseconds a request, latency and foreign CPU."""
    log = scratch / "load.log"
    watch = Watch(server=server)
    load = Load(log, server.port, target.path, target.secret, connections=connections,
                seconds=seconds)
    report = load.report()
    used = watch.read()
    if report["statuses"].get("200", 0) != sum(report["statuses"].values()):
        raise RuntimeError(f"not only 200: {report['statuses']}")
    return {"rate": report["rate"], "cpu_us": used["cpu"]["server"] * 1e6 / report["acknowledged"],
            "p50": report["latency"]["p50_ms"], "p99": report["latency"]["p99_ms"],
            "foreign": used["foreign"]}


def ingest(scratch, quick, workers="0"):
    seconds, pairs = (2, 2) if quick else (10, 7)
    rows, disturbed, memory = [], 0, []
    for connections, bar in BARS.items():
        folder = scratch / f"ingest-{workers}-{connections}"
        folder.mkdir()
        nginx = Nginx(folder / "nginx")
        server = Server(folder / "data", "--workers", workers)
        try:
            trigger = server.add_trigger(server.add_bot())
            results = []
            for pair in range(pairs):
                while True:
                    both = measure_pair(scratch, nginx, server, trigger, connections, seconds,
                                        nginx_first=pair % 2 == 0)
                    worst = max(one["foreign"] for one in both)
                    if worst <= MOST_FOREIGN or quick or disturbed == MOST_REPEATS:
                        break
                    disturbed += 1
                results.append(both)
            memory.append(server.anonymous_mb())
        finally:
            nginx.stop()
            server.kill()
        rows.append(row_of(connections, bar, results))
    show(f"Ingest, {'workers off' if workers == '0' else 'runs going on'}",
         ["connections", "events/s / nginx's requests/s (bar)", "events/s", "nginx/s",
          "CPU/event / nginx's CPU/request", "CPU/event us", "nginx us", "p99 ms", "nginx p99 ms",
          "foreign CPU, worst"], rows,
         f"Median (least…most) of {pairs} interleaved pairs of {seconds} s; {disturbed} pairs "
         f"repeated because others took over {percent(MOST_FOREIGN)} of the machine. Anonymous "
         f"memory at the end of each row: {', '.join(f'{mb:.0f}' for mb in memory)} MB.")


def measure_pair(scratch, nginx, server, trigger, connections, seconds, nginx_first):
    found = {}
    for one in [nginx, server] if nginx_first else [server, nginx]:
        # Runs that go on would take nginx's share of the machine.
        if one is nginx:
            server.child.send_signal(signal.SIGSTOP)
        found[one] = one_run(scratch, one, trigger, connections, seconds)
        server.child.send_signal(signal.SIGCONT)
    return found[nginx], found[server]


def row_of(connections, bar, results):
    def ratio(name):
        return median_and_spread([ours[name] / theirs[name] for theirs, ours in results])

    def both(name, form):
        return [median_and_spread([pair[i][name] for pair in results], form) for i in (1, 0)]

    return [connections, f"{ratio('rate')} ({bar:.2f})", *both("rate", "{:.0f}"), ratio("cpu_us"),
            *both("cpu_us", "{:.1f}"), *both("p99", "{:.1f}"),
            percent(max(one["foreign"] for pair in results for one in pair))]
