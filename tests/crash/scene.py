"""A server, its data directory, and senders that never give up."""

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from load import Load  # noqa: E402
from process import Trouble  # noqa: E402
from server import Server, free_port  # noqa: E402

import checker  # noqa: E402
from journal import read_journal  # noqa: E402

SENDERS = 32
SESSIONS = 24  # the other senders name none
BODY_SIZE = 300
READY_WITHIN_S = 2.0
INSTRUCTION = "```echo\n{\"noted\": $[number! js|the event's number]}\n```"


class Failed(Trouble):
    """A promise that was not kept."""


def require(kept, promise):
    if not kept:
        raise Failed(promise)


class Scene:
    def __init__(self, seed, base=None, rate=2000, options=()):
        self.random = random.Random(seed)
        self.base = Path(base or tempfile.mkdtemp(prefix="bellpull-crash-"))
        self.folder = self.base / "data"
        self.journal = self.base / "journal"
        self.journal.touch()
        self.rate = rate
        self.options = list(options)
        self.port = free_port()
        self.checked_to = 0  # bytes of the journal
        self.slowest_start_s = 0.0
        self.senders = None
        self.sent_below = 1
        self.server = None
        self.token = None
        try:
            self.start()
            self.trigger = self.server.add_trigger(self.add_bot())
        except BaseException:
            self.close()
            raise

    def add_bot(self):
        skillset = self.server.api("POST", "/skillset/create", {"name": "crash"})["id"]
        self.server.api("POST", f"/skillset/{skillset}/ability/create", {
            "name": "note", "description": "Notes the event's number", "instruction": INSTRUCTION})
        return self.server.api("POST", "/bot/create", {
            "name": "crash", "model": "builtin/demo", "backstory": "Note every event.",
            "skillsetId": skillset})["id"]

    def start(self, options=()):
        self.server = Server(self.folder, *self.options, *options, port=self.port,
                             token=self.token)
        self.token = self.server.token
        self.slowest_start_s = max(self.slowest_start_s, self.server.ready_after_s)
        require(self.server.ready_after_s < READY_WITHIN_S,
                f"ready again within {READY_WITHIN_S} s: took {self.server.ready_after_s:.2f} s")

    def start_senders(self, seconds=3600):
        self.senders = Load(self.base / "senders.log", self.port, self.trigger.path,
                            self.trigger.secret, connections=SENDERS, seconds=seconds,
                            rate=self.rate, size=BODY_SIZE, first=self.sent_below,
                            sessions=SESSIONS,
                            keys=True, repeat=True, journal=self.journal)

    def stop_senders(self):
        """Gives their report. What they had not been answered yet may be kept, or not."""
        if self.senders is None:
            return None
        self.senders.child.terminate()
        report = self.senders.report(30)
        self.senders = None
        self.sent_below = report["next_number"]
        return report

    def acknowledged(self):
        return read_journal(self.journal)[0]

    def acknowledged_count(self):
        return self.journal.read_bytes().count(b"\n")

    def wait_for_acknowledgements(self, more, seconds):
        """Whether so many more requests get a 200 in that time."""
        wanted = self.acknowledged_count() + more
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.acknowledged_count() >= wanted:
                return True
            time.sleep(0.01)
        return False

    def wait_for_sessions(self, count, seconds):
        """Whether requests of so many sessions get a 200 from now on, in that time."""
        after = self.journal.stat().st_size
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if len({one.session for one in read_journal(self.journal, after)[0]}) >= count:
                return True
            time.sleep(0.05)
        return False

    def check_newest(self):
        """That what was acknowledged since the last time is there: beside the running server."""
        newest, self.checked_to = read_journal(self.journal, self.checked_to)
        self.judge(checker.check_kept(self.server.database, newest, body_size=BODY_SIZE))

    def check_copy(self, drained=False):
        """Everything, in a copy of the files as a crash left them."""
        require(not self.server.is_alive(), "the server is stopped")
        copy = self.base / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name in ("bellpull.db", "bellpull.db-wal"):
            if (self.folder / name).exists():
                shutil.copy(self.folder / name, copy / name)
        complaints = checker.check(copy / "bellpull.db", self.acknowledged(), body_size=BODY_SIZE,
                                   sent_below=self.sent_below, drained=drained)
        shutil.rmtree(copy)
        return complaints

    def judge(self, complaints):
        if complaints:
            checker.show(complaints)
            raise Failed(f"{len(complaints)} complaints about {self.base}")

    def finish(self):
        """The end of every story: crash once more, let everything be done, look at all of it."""
        report = self.stop_senders()
        self.server.kill()
        self.judge(self.check_copy())
        self.start()
        require(self.server.wait_until_drained(300), "every run ends")
        require(self.server.stop() == 0, "a clean stop exits with 0")
        self.judge(self.check_copy(drained=True))
        acknowledged = self.acknowledged_count()
        require(acknowledged > 0, "something was acknowledged")
        return acknowledged, report

    def close(self, keep=False):
        for process in (self.senders, self.server):
            if process is not None:
                process.kill()
        if keep:
            print(f"kept for inspection: {self.base}")
        else:
            shutil.rmtree(self.base, ignore_errors=True)
