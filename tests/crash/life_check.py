"""One trigger's life between two looks at the data file: each occurrence exactly as its policy says.

In between the server's clock only ticked; what set it, or ended the server, stands at the ends."""

from dataclasses import dataclass, field, replace

from occurrences import Definition

# What depends on a moment is known to within this: the server looks a moment after we do.
MARGIN = 2_000
# A run's end and an occurrence's firing are told by one clock, but not read at one moment.
MOMENT = 20


@dataclass(frozen=True)
class Fired:
    due: int
    received: int
    has_run: bool = True
    ended: float | None = None  # its run; None: not yet


@dataclass(frozen=True)
class Skips:
    """What the event log tells of occurrences that overlapped: when a series begins, hourly, and at its end."""

    first: int
    last: int
    count: int
    told: int  # when


@dataclass(frozen=True)
class Edit:
    """Made between two moments; from then on it is another schedule, or the same one anew."""

    begun: float
    done: float
    now: Definition


@dataclass(frozen=True)
class Life:
    trigger: int  # its number
    definition: Definition  # at the beginning
    began: float  # what the clock showed when the server was started, or the clock set
    ready: float  # and when it was sure to have looked
    ended: float
    before: int | None  # the due time that the schedule stood at, and stands at
    after: int | None
    fired: tuple[Fired, ...] = ()
    skips: tuple[Skips, ...] = ()
    edits: tuple[Edit, ...] = ()
    went_back: bool = False  # the clock, far, at the beginning
    fired_before: frozenset[int] = field(default_factory=frozenset)
    pending_before: tuple[Fired, ...] = ()  # runs that had not ended
    failed_before: int = 0  # runs in a row, since the schedule went on
    is_paused: bool = False

    def with_fired(self, *fired):
        return replace(self, fired=fired)

    def was_pending(self, since, until):
        """Whether a run may have been pending all the while, but for moments."""
        runs = [*self.pending_before, *(one for one in self.fired if one.received <= until + MOMENT)]
        return any(run.ended is None or run.ended >= since - MOMENT for run in runs)

    # When it could fire ----------------------------------------------------------------------

    def definition_at(self, time):
        """None where an edit decides, at a moment that we do not know."""
        current = self.definition
        for edit in self.edits:
            if time < edit.begun - MARGIN:
                return current
            if time <= edit.done + MARGIN:
                return None
            current = edit.now
        return current

    def fires_at(self, due):
        for one in (self.definition, *(edit.now for edit in self.edits)):
            if one.is_due(due):
                return one.fires_at(self.trigger, due)
        return None

    def first(self):
        """From where on what is due is this life's."""
        if self.before is None:
            return self.edits[0].begun if self.edits else None
        return min(self.before, self.began) if self.went_back else self.before

    def expected(self, due, at):
        """Whether it fires, by the policy; None when a moment decides that we do not know."""
        definition = self.definition_at(max(at, self.began))
        if definition is None or due in self.fired_before:
            return None
        if at >= self.began:
            return definition.is_due(due)
        if self.went_back:
            return None
        looks = range(int(self.began), int(self.ready + MARGIN) + 1, 250)
        verdicts = {due in definition.plan(self.trigger, self.before, look) for look in looks}
        return verdicts.pop() if len(verdicts) == 1 else None


def check_life(life):
    """Yields complaints."""
    yield from check_fired(life)
    yield from check_position(life)
    yield from check_policy(life)
    yield from check_overlap(life)
    yield from check_pause(life)


def check_fired(life):
    times = [one.due for one in life.fired]
    if len(times) != len(set(times)):
        yield f"fired twice: {times}"
    if times != sorted(times):
        yield f"out of order: {times}"
    for one in life.fired:
        at = life.fires_at(one.due)
        if not one.has_run:
            yield f"{one.due} was fired and has no run"
        if one.due in life.fired_before:
            yield f"{one.due} was fired before"
        if at is None:
            yield f"{one.due} was fired and is no time of its schedule"
            continue
        if one.received < at:
            yield f"{one.due} was fired {at - one.received} ms early"
        late = one.received - max(at, life.ready)
        if late > MARGIN:
            yield f"{one.due} was fired {late:.0f} ms after it could be"
        # A clock that went back by little may make the server think of them again, or not.
        if life.first() is None or (one.due < life.first() and at < life.began):
            yield f"{one.due} was fired, and the schedule stood at {life.before}"


def check_position(life):
    definition = life.definition_at(life.ended)
    if definition is None or life.is_paused:
        return
    if life.after is None:
        following = definition.next_after(life.ended)
        while following in life.fired_before:
            following = definition.next_after(following)
        if following is not None:
            yield f"it has no next time; {following} is one"
        return
    at = definition.fires_at(life.trigger, life.after)
    if not definition.is_due(life.after):
        yield f"{life.after} is its next time, and none of its schedule"
    if max(at, life.ready) + MARGIN < life.ended:
        yield f"{life.after} is over by {life.ended - at:.0f} ms, and was neither fired nor passed over"
    if life.before is not None and life.after < life.before and not life.went_back and not life.edits:
        if at < life.began:
            yield f"it went back from {life.before} to {life.after}"


def check_policy(life):
    if life.first() is None:
        return
    fired = {one.due for one in life.fired}
    definitions = {life.definition, *(edit.now for edit in life.edits)}
    last = life.after if life.after is not None else life.ended
    dues = {due for one in definitions for due in one.dues(life.first(), last)}
    for due in sorted(dues):
        at = life.fires_at(due)
        was_passed = life.after is None or due < life.after
        is_over = max(at, life.ready) + MARGIN < life.ended
        if was_passed and at > life.ended + MOMENT and due not in life.fired_before:
            definition = life.definition_at(at)
            if life.after is not None and definition is not None and definition.is_due(due):
                yield f"{due} was passed over before its time"
            continue
        if not is_over and not was_passed:
            continue
        wanted = life.expected(due, at)
        happened = due in fired
        if wanted is None or wanted == happened or (life.is_paused and wanted):
            continue
        if life.definition.skips and wanted:
            looked = at if at >= life.began else life.began
            if life.was_pending(looked, max(at, life.ready) + MARGIN):
                continue
        if wanted and life.after is None and not is_over:
            continue
        yield (f"{due} was {'' if happened else 'not '}fired, "
               f"{max(at, life.began) - at:.0f} ms after its time at the earliest")


def check_overlap(life):
    if not life.definition.skips:
        if life.skips:
            yield f"skipped for overlapping, which is not its policy: {life.skips}"
        return
    runs = [*life.pending_before, *life.fired]
    for place, one in enumerate(life.fired):
        earlier = runs[:len(life.pending_before) + place]
        if any(run.ended is None or run.ended > one.received + MOMENT
               or run.received == one.received for run in earlier):
            yield f"{one.due} was fired while the one before it had not ended"
    fired = {one.due for one in life.fired} | life.fired_before
    for told in life.skips:
        if told.first in fired or told.last in fired:
            yield f"{told} was fired and skipped"
        between = [due for due in life.definition.dues(told.first, told.last) if due not in fired]
        # A series that began before may have met a clock that showed the same times twice.
        if told.first >= life.first() and not life.went_back and told.count > len(between):
            yield f"{told} tells of more than the {len(between)} that were not fired"
        if told.count == 1 and not life.was_pending(told.told, told.told):
            yield f"{told} was skipped, and nothing was pending"


def check_pause(life):
    most = life.definition.pause_after
    if most is None:
        if life.is_paused:
            yield "it is paused, which is not its policy"
        return
    # All its runs fail.
    ends = [one.ended for one in (*life.pending_before, *life.fired) if one.ended is not None]
    failed = life.failed_before + len(ends)
    if life.is_paused and failed < most:
        yield f"it was paused after {failed} failed runs"
    if failed < most:
        return
    last = sorted(ends)[most - life.failed_before - 1] if most > life.failed_before else life.began
    if not life.is_paused and last + MARGIN < life.ended:
        yield f"it was not paused after {failed} failed runs"
    for one in life.fired:
        if one.received > last + MARGIN:
            yield f"{one.due} was fired after {most} failed runs"
