"""kill -9 around due times, and a clock that is set: each occurrence exactly as its policy says."""

import calendar
import json
import random
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from life_check import MARGIN, Edit, Fired, Life, Skips, check_life
from occurrences import HOUR, MINUTE, Definition
from process import program
from scene import READY_WITHIN_S, Failed, require
from server import Server, free_port
from shifted_clock import ShiftedClock

# A server whose clock is set without a word finds out when it looks (scheduler.h).
LONGEST_SLEEP = 10_000
PENDING_UP_TO = 3
MOST_SHOWN = 20
TRIGGERS = {
    "last": Definition(catch_up="last"),
    "none": Definition(catch_up="none"),
    "all": Definition(step=7, catch_up="all", limit=1_000),
    "capped": Definition(catch_up="all", limit=3),
    "windowed": Definition(catch_up="all", window=20 * MINUTE),
    "jitter": Definition(catch_up="all", jitter=MINUTE // 2),
    "interval": Definition(every=15 * MINUTE, catch_up="none"),
    "every minute": Definition(step=1, catch_up="none"),
    "bounded": Definition(catch_up="all"),
    "edited": Definition(catch_up="none"),
    "skip": Definition(catch_up="all", skips=True),
    "failing": Definition(pause_after=2),
}


def schedule(cycles, seed, scene_box):
    scene = scene_box(ScheduleScene(seed))
    for cycle in range(cycles):
        if cycle % 10 == 4:
            scene.jump_ahead(tells=cycle % 20 == 4)
        elif cycle % 10 == 9:
            scene.jump_back()
        else:
            scene.live_through_a_due_time()
        scene.kill()
        scene.move_the_clock()
        scene.start()
    scene.finish()
    print(f"schedule: {cycles} cycles, {scene.fired} occurrences fired, {scene.skipped} skipped for "
          f"overlapping, {scene.paused} pauses, {scene.edits} edits, {scene.set_back} times set "
          "back; none lost, early or doubled")


@dataclass
class Known:
    """What was seen of a trigger so far."""

    definition: Definition
    id: str
    number: int
    next: int | None = None
    fired: set = field(default_factory=set)
    pending: dict = field(default_factory=dict)  # by event
    failed: int = 0
    is_paused: bool = False
    edits: list = field(default_factory=list)


class ScheduleScene:
    """A server whose wall clock we set, with a trigger for each thing that a schedule can say."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.base = Path(tempfile.mkdtemp(prefix="bellpull-crash-"))
        self.folder = self.base / "data"
        self.port = free_port()
        self.no_model = free_port()
        self.token = self.server = self.clock = None
        self.newest_event = self.newest_entry = 0
        self.fired = self.skipped = self.paused = self.edits = self.set_back = 0
        self.known = {}
        try:
            self.clock = ShiftedClock(self.base, program("bellpull"))
            # Nothing is due while they are made.
            self.clock.set_to(self.clock.now() // HOUR * HOUR + 2 * MINUTE + 20_000)
            self.start()
            self.add_triggers()
        except BaseException:
            self.close()
            raise

    def add_triggers(self):
        bots = {"skip": self.server.add_bot("unreachable")}
        quick = self.server.add_bot()
        for name, wanted in TRIGGERS.items():
            made = self.server.api("POST", "/integration/trigger/create", {
                "name": name, "botId": bots.get(name, quick), **self.settings(wanted)})
            if name == "failing":  # without a bot no attempt can help
                self.server.api("POST", f"/integration/trigger/{made['id']}/update", {"botId": None})
            number, anchor = self.server.query(
                "select id, schedule_anchor from triggers where name = ?1", name)[0]
            self.known[name] = Known(replace(wanted, anchor=anchor), made["id"], number)
        self.poke_id = self.server.api("POST", "/integration/trigger/create",
                                       {"name": "poke", "botId": quick, "schedule": "weekly"})["id"]
        for name, (due, _, _) in self.read()[0].items():
            if name in self.known:
                self.known[name].next = due

    @staticmethod
    def settings(wanted):
        step = "*" if wanted.step == 1 else f"*/{wanted.step}"
        given = {"schedule": "quarterhourly" if wanted.every else f"{step} * * * *",
                 "scheduleCatchUp": wanted.catch_up, "scheduleCatchUpLimit": wanted.limit,
                 "scheduleOverlap": "skip" if wanted.skips else "queue"}
        for name, value in (("scheduleCatchUpWindow", wanted.window),
                            ("scheduleJitter", wanted.jitter or None),
                            ("schedulePauseAfter", wanted.pause_after)):
            if value is not None:
                given[name] = value
        return given

    # Lives ------------------------------------------------------------------------------------

    def start(self):
        began = self.clock.now()
        self.server = Server(self.folder, port=self.port, token=self.token, env={
            **self.clock.environment(),
            "BELLPULL_OPENAI_BASE_URL": f"http://127.0.0.1:{self.no_model}/v1"})
        self.token = self.server.token
        require(self.server.ready_after_s < 2 * READY_WITHIN_S, "ready again soon")
        self.begin_life(began, self.clock.now())
        if self.known:
            self.resume()

    def begin_life(self, began, ready, went_back=False):
        self.began, self.ready, self.went_back = began, ready, went_back

    def kill(self):
        self.server.kill()
        self.check(self.clock.now())

    def live_through_a_due_time(self):
        """Until a moment around it; in some lives somebody edits triggers at that moment."""
        left = MINUTE - self.clock.now() % MINUTE
        left = left if left < 5_000 else 0
        time.sleep(max(0.0, left / 1000 + self.random.uniform(-0.2, 0.4)))
        self.random.choice((self.rename, self.swap, self.bound, lambda: None))()
        time.sleep(self.random.choice((0.0, 0.0, 0.1, 2.5)))

    def move_the_clock(self):
        """To shortly before a time that is due, or to where it is clear what was missed."""
        minutes = self.random.choice((1, 5, 5, 5, 5, -1, -5, 7, 10, 30, 65, 190))
        self.set_back += minutes < 0
        step = self.random.choice((5, 5, 5, 7)) * MINUTE
        wanted = (self.clock.now() + minutes * MINUTE) // step * step
        shift = self.random.choice((self.random.uniform(-1_500, -300),
                                    self.random.uniform(-1_500, -300),
                                    self.random.uniform(80_000, 170_000)))
        self.clock.set_to(wanted + shift)

    def jump_ahead(self, tells):
        """In a running server, to a time that says clearly what is late and what was missed."""
        self.calm_down()
        five = 5 * MINUTE
        self.set_clock((self.clock.now() // five + self.random.choice((1, 2, 9))) * five
                       + self.random.choice((20_000, 150_000)), tells)
        time.sleep(3)

    def jump_back(self):
        """Far, to before times that were passed over as missed, and others that fired."""
        self.calm_down()
        now = self.clock.now()
        self.set_clock((now // HOUR + 6) * HOUR + 2 * MINUTE + 20_000, tells=True)
        self.calm_down()
        self.set_back += 1
        self.set_clock((now // HOUR + 3) * HOUR + 5 * MINUTE - 4_000, tells=True, went_back=True)
        time.sleep(7)

    def calm_down(self):
        """Until nothing is due nor being fired, and look at what was made of it."""
        time.sleep(max(0.0, (self.ready + MARGIN + 500 - self.clock.now()) / 1000))
        while not 4_000 < self.clock.now() % MINUTE < MINUTE - 2_000:
            time.sleep(0.1)
        self.check(self.clock.now())

    def set_clock(self, wanted, tells, went_back=False):
        self.clock.set_to(wanted)
        began = self.clock.now()
        if tells:
            self.poke()
        else:
            time.sleep(LONGEST_SLEEP / 1000)
        self.begin_life(began, self.clock.now(), went_back)

    # What people do meanwhile -----------------------------------------------------------------

    def update(self, name, changes, **others):
        known = self.known[name]
        now = replace(known.edits[-1].now if known.edits else known.definition, **others)
        begun = self.clock.now()
        self.server.api("POST", f"/integration/trigger/{known.id}/update", changes)
        known.edits.append(Edit(begun, self.clock.now(), now))
        self.edits += 1

    def poke(self):
        """Any change of a next time lets the server look at the clock."""
        other = self.random.choice(("weekly", "monthly", "twiceweekly", "daily"))
        for text in ("never", other):
            self.server.api("POST", f"/integration/trigger/{self.poke_id}/update", {"schedule": text})

    def rename(self):
        """Which moves no time, and loses nothing."""
        for name in ("last", "none", "all", "capped"):
            self.server.api("POST", f"/integration/trigger/{self.known[name].id}/update",
                            {"description": str(self.random.random())})
            self.edits += 1

    def swap(self):
        step = 12 - self.known["edited"].definition.step
        self.update("edited", {"schedule": f"*/{step} * * * *"}, step=step)

    def bound(self):
        start = int(self.clock.now() + self.random.choice((-10, -10, 6)) * MINUTE)
        end = start + self.random.choice((17, 60, 300)) * MINUTE
        iso = [time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03}Z"
               for ms in (start, end)]
        self.update("bounded", {"scheduleStartAt": iso[0], "scheduleEndAt": iso[1]},
                    start=start, end=end)

    def resume(self):
        failing = self.known["failing"]
        if not failing.is_paused:
            return
        begun = self.clock.now()
        self.server.api("POST", f"/integration/trigger/{failing.id}/resume")
        failing.edits.append(Edit(begun, self.clock.now(), failing.definition))
        failing.is_paused = False
        failing.failed = 0
        failing.pending = {}

    # What is kept -----------------------------------------------------------------------------

    def read(self):
        """Of one moment: next times, new events, runs that were pending, new entries of the log."""
        pending = [event for known in self.known.values() for event in known.pending]
        with closing(sqlite3.connect(f"file:{self.server.database}?mode=ro", uri=True,
                                     timeout=20)) as database:
            database.execute("begin")
            times = {name: (due, state, number) for name, due, state, number in database.execute(
                "select name, next_due_at, schedule_state, id from triggers")}
            events = database.execute(
                "select e.id, t.name, e.scheduled_at, e.received_at, r.id is not null, r.ended_at "
                "from events e join triggers t on t.id = e.trigger left join runs r on r.id = e.id "
                "where e.id > ?1 and e.scheduled_at is not null order by e.id",
                (self.newest_event,)).fetchall()
            ends = dict(database.execute(
                f"select id, ended_at from runs where id in ({','.join(map(str, pending))})"))
            entries = database.execute(
                "select l.id, t.name, l.meta, l.created_at "
                "from log_items l join triggers t on t.id = l.trigger where l.id > ?1 and "
                "l.type = 'integration.trigger.schedule.skip' order by l.id",
                (self.newest_entry,)).fetchall()
        return times, events, ends, entries

    def check(self, ended):
        """What was committed since the last check, against what the clock showed."""
        times, events, ends, entries = self.read()
        self.newest_event = max([self.newest_event, *(event[0] for event in events)])
        self.newest_entry = max([self.newest_entry, *(entry[0] for entry in entries)])
        complaints = []
        for name, known in self.known.items():
            mine = {event[0]: Fired(event[2], event[3], bool(event[4]), event[5])
                    for event in events if event[1] == name}
            pending = {event: replace(one, ended=ends.get(event))
                       for event, one in known.pending.items()}
            skips = tuple(skips_of(json.loads(meta), at) for _, of, meta, at in entries if of == name)
            after, state, _ = times[name]
            life = Life(known.number, known.definition, self.began, self.ready, ended, known.next,
                        after, tuple(mine.values()), skips, tuple(known.edits), self.went_back,
                        frozenset(known.fired), tuple(pending.values()), known.failed,
                        state == 1)
            complaints += [f"{name}: {one}" for one in check_life(life)]
            self.learn(known, life, {**pending, **mine})
        if complaints:
            raise Failed("\n  ".join([
                f"in the life {self.began:.0f} (ready {self.ready:.0f}) to {ended:.0f}:",
                *complaints[:MOST_SHOWN], f"{len(complaints)} complaints"]))
        self.begin_life(ended, ended)

    def learn(self, known, life, runs):
        known.next = life.after
        known.fired |= {one.due for one in life.fired}
        known.pending = {event: one for event, one in runs.items() if one.ended is None}
        known.failed += len(runs) - len(known.pending)
        self.paused += life.is_paused and not known.is_paused
        known.is_paused = life.is_paused
        if known.edits:
            known.definition = known.edits[-1].now
            known.edits = []
        self.fired += len(life.fired)
        self.skipped += sum(told.count for told in life.skips)

    def finish(self):
        """One more life in peace: nothing that was to fire is missing in the end."""
        self.kill()
        self.move_the_clock()
        self.start()
        time.sleep(3)
        require(self.drained(60), "every run ends")
        self.check(self.clock.now())
        fired = self.known["all"].fired
        whole = set(TRIGGERS["all"].dues(min(fired), max(fired)))
        require(fired == whole, f"every time fired: {sorted(whole - fired)} are missing")
        require(self.server.stop() == 0, "a clean stop exits with 0")

    def drained(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.server.query(
                    "select count(*) from runs r join triggers t on t.id = r.trigger "
                    "where r.state <= ?1 and t.name <> 'skip'", PENDING_UP_TO)[0][0] == 0:
                return True
            time.sleep(0.05)
        return False

    def close(self, keep=False):
        if self.server is not None:
            self.server.kill()
        if self.clock is not None:
            self.clock.close()
        if keep:
            print(f"kept for inspection: {self.base}")
        else:
            shutil.rmtree(self.base, ignore_errors=True)


def skips_of(meta, told):
    due = meta.get("dueAt")
    if due is not None:
        return Skips(ms_of(due), ms_of(due), 1, told)
    return Skips(ms_of(meta["firstDueAt"]), ms_of(meta["lastDueAt"]), meta["count"], told)


def ms_of(iso):
    whole, _, rest = iso.rstrip("Z").partition(".")
    seconds = time.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    return calendar.timegm(seconds) * 1000 + int(rest or 0)
