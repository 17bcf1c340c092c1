"""A program that a measurement starts, watches and ends by its own process id."""

import os
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def program(name):
    """A program of ours: from BUILD_FOLDER, or the release build."""
    build = Path(os.environ.get("BUILD_FOLDER", ROOT / "build" / "release"))
    for place in (build / name, build / "bin" / name):
        if place.exists():
            return str(place)
    raise Trouble(f"{name} is not built: run tools/build release {name}")


class Trouble(Exception):
    """A program did not do what the measurement needs."""


class Process:
    def __init__(self, command, log, env=None, cwd=None):
        self.log = Path(log)
        self.command = command
        with open(self.log, "ab") as output:
            self.started = time.monotonic()
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=env, cwd=cwd)

    @property
    def pid(self):
        return self.child.pid

    def is_alive(self):
        return self.child.poll() is None

    def wait_for_line(self, start, seconds=30, after=0):
        """The rest of the first log line that holds `start`, looking from byte `after` on."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with open(self.log, "rb") as log:
                log.seek(after)
                for line in log.read().decode(errors="replace").split("\n")[:-1]:
                    if start in line:
                        return line.split(start, 1)[1].strip()
            if not self.is_alive():
                break
            time.sleep(0.002)
        tail = self.log.read_text(errors="replace")[-2000:]
        raise Trouble(f"{self.command[0]}: no line with {start!r} in {self.log}:\n{tail}")

    def kill(self):
        if self.is_alive():
            self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self, seconds=60):
        """A clean stop; gives the exit code."""
        if self.is_alive():
            self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def pids(self):
        """This process and its descendants."""
        found = [self.pid]
        for pid in found:
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    children = Path(f"/proc/{pid}/task/{task}/children").read_text().split()
                    found += [int(child) for child in children]
            except OSError:
                pass
        return found

    def cpu_seconds(self):
        return sum(cpu_seconds_of(pid) for pid in self.pids())

    def status(self, name):
        """A number of /proc/PID/status, in its unit."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise KeyError(name)

    def anonymous_mb(self):
        return self.status("RssAnon") / 1024

    def switches(self):
        """How often a thread of it went to sleep: each time but the last it was woken before."""
        total = 0
        for task in os.listdir(f"/proc/{self.pid}/task"):
            for line in Path(f"/proc/{self.pid}/task/{task}/status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
        return total


def cpu_seconds_of(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
