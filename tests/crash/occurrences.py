"""What a schedule promises, told a second time: which occurrences there are, and which of them fire.

Nothing here is read from the server but its triggers' numbers, from which jitter is made."""

from dataclasses import dataclass

MINUTE = 60_000
HOUR = 60 * MINUTE
MISSED_AFTER = MINUTE
WORD = (1 << 64) - 1


@dataclass(frozen=True)
class Definition:
    """Due in the minutes of the hour that are multiples of `step`, or `every` so many ms from `anchor`."""

    step: int = 5
    every: int = 0
    anchor: int = 0
    start: int | None = None
    end: int | None = None
    jitter: int = 0
    catch_up: str = "last"
    limit: int = 100
    window: int | None = None
    skips: bool = False
    pause_after: int | None = None

    def is_due(self, time):
        if (self.start is not None and time < self.start) or (self.end is not None and time > self.end):
            return False
        if self.every:
            return time > self.anchor and (time - self.anchor) % self.every == 0
        return time % MINUTE == 0 and time // MINUTE % 60 % self.step == 0

    def dues(self, begin, end):
        """From `begin` to `end`, both included."""
        pace, base = (self.every, self.anchor) if self.every else (MINUTE, 0)
        first = base + -(-(int(begin) - base) // pace) * pace
        return [time for time in range(first, int(end) + 1, pace) if self.is_due(time)]

    def next_after(self, time):
        return next(iter(self.dues(time + 1, time + 2 * HOUR)), None)

    def fires_at(self, trigger, due):
        if not self.jitter:
            return due
        following = self.next_after(due)
        most = self.jitter if following is None else min(self.jitter, following - due - 1)
        return due + stable_hash(trigger, due) % (most + 1)

    def plan(self, trigger, begin, now):
        """Those due since `begin` that fire when the server looks at `now` and not before."""
        come = [(due, self.fires_at(trigger, due)) for due in self.dues(begin, now)]
        missed = [due for due, at in come if at < now - MISSED_AFTER]
        late = [due for due, at in come if now - MISSED_AFTER <= at <= now]
        if self.window is not None:
            missed = [due for due in missed if due >= now - self.window]
        if self.catch_up == "none" or (self.catch_up == "last" and late):
            return set(late)
        return set(missed[-(1 if self.catch_up == "last" else self.limit):] + late)


def stable_hash(*numbers):
    """src/base/stable_hash.h"""
    mixed = 14695981039346656037
    for number in numbers:
        for byte in (number & WORD).to_bytes(8, "little"):
            mixed = (mixed ^ byte) * 1099511628211 & WORD
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & WORD
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & WORD
    return mixed ^ mixed >> 31
