"""What else the machine does while we measure, and how fast its disk flushes."""

import os
import statistics
import tempfile
import time
from pathlib import Path

from process import TICKS_PER_SECOND


def busy_seconds():
    """CPU time of everybody since the machine started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    user, nice, system, _idle, _iowait, irq, softirq = fields[:7]
    return (user + nice + system + irq + softirq) / TICKS_PER_SECOND


def own_cpu_seconds():
    """Of this process and of those that it started and that have ended: the load, for one."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Watch:
    """From its making to read(): CPU seconds of each of our processes that still runs, and the
    share of the machine that others took. Interrupts that our own traffic causes count as others',
    so a quiet machine shows a few percent."""

    def __init__(self, **processes):
        self.processes = processes
        self.started = time.monotonic()
        self.busy = busy_seconds()
        self.cpu = {name: one.cpu_seconds() for name, one in processes.items()}
        self.own = own_cpu_seconds()

    def read(self):
        cpu = {name: one.cpu_seconds() - self.cpu[name] for name, one in self.processes.items()}
        own = sum(cpu.values()) + own_cpu_seconds() - self.own
        seconds = time.monotonic() - self.started
        others = max(0.0, busy_seconds() - self.busy - own)
        return {"seconds": seconds, "cpu": cpu,
                "foreign": others / (seconds * os.cpu_count())}


def flush_probe(folder, times=200):
    """Milliseconds of a 4 KiB append with its fdatasync: (p50, p99)."""
    took = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(times):
            start = time.monotonic()
            os.write(file.fileno(), bytes(4096))
            os.fdatasync(file.fileno())
            took.append((time.monotonic() - start) * 1000)
    took.sort()
    return statistics.median(took), took[int(len(took) * 0.99) - 1]


def describe(folder):
    """One line for above the tables."""
    model = next((line.split(":", 1)[1].strip() for line in
                  Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
                 "unknown processor")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    p50, p99 = flush_probe(folder)
    return (f"Machine: {os.cpu_count()} x {model}, {memory:.0f} GiB, Linux {os.uname().release}, "
            f"load {os.getloadavg()[0]:.1f} before; fdatasync of 4 KiB p50 {p50:.2f} ms, "
            f"p99 {p99:.2f} ms; {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC.")


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0
