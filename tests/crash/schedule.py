"""kill -9 around due times, and a clock that is set: each occurrence exactly as its policy says."""

import platform
import random
import shutil
import tempfile
import time
from pathlib import Path

from scene import READY_WITHIN_S, Failed, require
from server import Server, free_port

LIBRARY = Path(f"/usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketimeMT.so.1")
MINUTE = 60_000
# What a policy depends on is known to within this: the server starts and fires a moment after us.
MARGIN = 2_000
# Nobody tells a faked process that its clock was set, so it finds out when it looks (scheduler.h).
LONGEST_SLEEP_S = 10
MISSED_AFTER = 60_000
POLICIES = ("last", "none", "all")
LIMIT = 1_000


def schedule(cycles, seed, scene_box):
    scene = scene_box(ScheduleScene(seed))
    for cycle in range(cycles):
        scene.live_through_a_minute(sets_the_clock=cycle % 10 == 9)
        scene.server.kill()
        scene.check_life()
        scene.move_the_clock()
        scene.start()
    scene.finish()
    print(f"schedule: {cycles} cycles, {scene.fired} occurrences fired, {scene.left_out} left out "
          f"by their policy, {scene.set_back} times set back; none lost, early or doubled")


class ScheduleScene:
    """A server whose wall clock we set, with one trigger a minute for each policy."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.base = Path(tempfile.mkdtemp(prefix="bellpull-crash-"))
        self.folder = self.base / "data"
        self.port = free_port()
        self.token = None
        self.server = None
        self.offset_ms = 0
        self.lives = []  # from, to: as the server's clock showed them
        self.newest_event = 0
        self.fired = self.left_out = self.set_back = 0
        self.all_fired = {policy: set() for policy in POLICIES}
        if not LIBRARY.exists():
            raise Failed(f"{LIBRARY} is not there: tools/setup test")
        self.set_clock(0)
        try:
            self.start()
            bot = self.server.add_bot()
            for policy in POLICIES:
                self.server.api("POST", "/integration/trigger/create", {
                    "name": policy, "botId": bot, "schedule": "* * * * *",
                    "scheduleCatchUp": policy, "scheduleCatchUpLimit": LIMIT})
            self.next = self.read_next()
        except BaseException:
            self.close()
            raise

    # The clock --------------------------------------------------------------------------------

    def now(self):
        return time.time() * 1000 + self.offset_ms

    def set_clock(self, by_ms):
        self.offset_ms += by_ms
        file = self.base / "clock"
        (self.base / "clock.new").write_text(f"{self.offset_ms / 1000:+.3f}\n")
        (self.base / "clock.new").rename(file)

    def move_the_clock(self):
        """To shortly before a minute: the next one, one that has been, or one far ahead."""
        minutes = self.random.choice((1, 1, 1, -3, -1, 2, 3, 7, 30))
        self.set_back += minutes < 0
        wanted = (self.now() // MINUTE + minutes) * MINUTE - self.random.uniform(300, 1_500)
        self.set_clock(wanted - self.now())

    # Lives ------------------------------------------------------------------------------------

    def start(self):
        began = self.now()
        self.server = Server(self.folder, port=self.port, token=self.token, env={
            "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(self.base / "clock"),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        self.token = self.server.token
        require(self.server.ready_after_s < 2 * READY_WITHIN_S, "ready again soon")
        self.lives = [[began, None]]

    def live_through_a_minute(self, sets_the_clock):
        """Until a moment around the next due time."""
        if sets_the_clock:
            self.jump_ahead()
            return
        left = MINUTE - self.now() % MINUTE
        left = left if left < 5_000 else 0
        time.sleep(max(0.0, left / 1000 + self.random.uniform(-0.2, 0.5)))
        self.lives[-1][1] = self.now()

    def jump_ahead(self):
        """In a running server, to a time that says clearly what is late and what was missed."""
        self.lives[-1][1] = self.now()
        wanted = (self.now() // MINUTE + self.random.choice((2, 5))) * MINUTE + 20_000
        self.set_clock(wanted - self.now())
        began = self.now()
        time.sleep(LONGEST_SLEEP_S + 2)
        self.lives.append([began, self.now()])

    # What is kept -----------------------------------------------------------------------------

    def read_next(self):
        return dict(self.server.query("select name, next_due_at from triggers"))

    def read_events(self):
        return self.server.query(
            "select e.id, t.name, e.scheduled_at, e.received_at, r.id from events e "
            "join triggers t on t.id = e.trigger left join runs r on r.id = e.id where e.id > ?1 "
            "order by e.id", self.newest_event)

    def check_life(self):
        """What was committed since the last check, against the clock's times."""
        events = self.read_events()
        after = self.read_next()
        self.newest_event = max([self.newest_event, *(event[0] for event in events)])
        complaints = []
        for policy in POLICIES:
            fired = [(due, received) for _, name, due, received, _ in events if name == policy]
            complaints += [f"{policy}: {one}" for one in
                           self.judge(policy, fired, self.next[policy], after[policy])]
            self.all_fired[policy] |= {due for due, _ in fired}
        complaints += [f"event {event[0]} has no run" for event in events if event[4] is None]
        self.next = after
        if complaints:
            raise Failed("\n  ".join([f"in the lives {self.lives}:", *complaints]))

    def judge(self, policy, fired, before, after):
        """`before`, `after`: the next due time, as it stood at the last check and stands now."""
        end = self.lives[-1][1]
        if after <= end - MARGIN:
            yield f"{after} is over by {end - after:.0f} ms, and was neither fired nor passed over"
        passed = set(range(before, after, MINUTE))
        times = [due for due, _ in fired]
        self.fired += len(times)
        self.left_out += len(passed) - len(set(times))
        if len(times) != len(set(times)):
            yield f"fired twice: {times}"
        if times != sorted(times):
            yield f"out of order: {times}"
        for due, received in fired:
            if due in self.all_fired[policy]:
                yield f"{due} was fired before"
            if due not in passed:
                yield f"{due} was fired and not passed"
            if received < due:
                yield f"{due} was fired {due - received} ms early"
        for due in sorted(passed):
            verdict = self.expected(policy, due)
            if verdict is not None and verdict != (due in times):
                yield (f"{due} was {'' if due in times else 'not '}fired, "
                       f"{self.lateness(due):.0f} ms after its time")

    def first_chance(self, due):
        """The first moment since the last check at which the clock showed the time or a later one."""
        for began, ended in self.lives:
            if ended >= due:
                return max(began, due)
        return self.lives[-1][1]

    def lateness(self, due):
        return self.first_chance(due) - due

    def expected(self, policy, due):
        """Whether it fires; None when a moment decides that we do not know."""
        late = self.lateness(due)
        unsure = MARGIN + (LONGEST_SLEEP_S * 1000 if len(self.lives) > 1 else 0)
        if late <= MISSED_AFTER - unsure:
            return True
        if late < MISSED_AFTER + MARGIN:
            return None
        if policy != "last":
            return policy == "all"
        # The minute before this chance, or the one before that if it is not yet a minute late,
        # fires anyway.
        newest = self.first_chance(due) // MINUTE * MINUTE
        return False if due < newest or late > MISSED_AFTER + MARGIN else None

    def finish(self):
        """One more life in peace: nothing that was to fire is missing in the end."""
        self.lives[-1][1] = self.now()
        self.server.kill()
        self.check_life()
        self.move_the_clock()
        self.start()
        time.sleep(3)
        require(self.server.wait_until_drained(60), "every run ends")
        self.lives[-1][1] = self.now()
        self.check_life()
        fired = self.all_fired["all"]
        whole = set(range(min(fired), max(fired) + MINUTE, MINUTE))
        require(fired == whole, f"every minute fired: {sorted(whole - fired)} are missing")
        require(self.server.stop() == 0, "a clean stop exits with 0")

    def close(self, keep=False):
        if self.server is not None:
            self.server.kill()
        if keep:
            print(f"kept for inspection: {self.base}")
        else:
            shutil.rmtree(self.base, ignore_errors=True)
