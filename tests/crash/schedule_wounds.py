"""The checker of schedules must complain: about doctored copies of lives that are as they should be."""

from dataclasses import replace

from life_check import Edit, Fired, Life, Skips, check_life
from occurrences import HOUR, MINUTE, Definition
from scene import require

DAY = 1_772_323_200_000  # 2026-03-01T00:00Z
TEN = DAY + 10 * HOUR


def at(minutes, ms=0):
    return TEN + minutes * MINUTE + ms


def fired(*minutes, late=3):
    """On time, each; its run ends at once."""
    return tuple(Fired(at(one), at(one, late), True, at(one, late + 2)) for one in minutes)


def caught_up(*minutes, now):
    return tuple(Fired(at(one), now, True, now + 2) for one in minutes)


# 10:02 to 10:11 with somebody there; 10:00 to 10:22:30 with nobody there.
THERE = Life(7, Definition(), at(2), at(2, 100), at(11), at(5), at(15), fired(5, 10))
START, LATER = at(22, 30_000), at(24)
AWAY = Life(7, Definition(), START, START + 100, LATER, at(5), at(25))
LOOK = START + 50


def away(definition, *minutes):
    return replace(AWAY, definition=definition, fired=caught_up(*minutes, now=LOOK))


NONE, LAST = away(Definition(catch_up="none")), away(Definition(), 20)
ALL = away(Definition(catch_up="all"), 5, 10, 15, 20)
CAPPED = away(Definition(catch_up="all", limit=2), 15, 20)
WINDOWED = away(Definition(catch_up="all", window=10 * MINUTE), 15, 20)
BOUNDED = replace(away(Definition(catch_up="all", start=at(7), end=at(17)), 10, 15),
                  before=at(10), after=None)
SKIPS = replace(away(Definition(catch_up="all", skips=True), 5),
                skips=(Skips(at(10), at(20), 3, LOOK),))
PENDING = (Fired(at(0), at(0, 3)),)
WAITS = replace(THERE, definition=Definition(skips=True), fired=(), pending_before=PENDING,
                skips=(Skips(at(5), at(5), 1, at(5, 3)),))
JITTER = Definition(jitter=MINUTE)
DELAYED = replace(THERE, definition=JITTER, fired=tuple(
    Fired(at(one), JITTER.fires_at(7, at(one)) + 3, True, at(one + 2)) for one in (5, 10)), ended=at(13))
INTERVAL = replace(THERE, definition=Definition(every=15 * MINUTE, anchor=at(-9)), before=at(6),
                   fired=fired(6), after=at(21))
PAUSED = replace(THERE, definition=Definition(pause_after=2), after=None, is_paused=True, ended=at(18))
EDITED = replace(THERE, edits=(Edit(at(7), at(7, 5), Definition(step=7)),), fired=fired(5), after=at(14))
BACK = replace(THERE, went_back=True, before=at(200), fired=fired(10), fired_before=frozenset({at(5)}))
GOOD = {"there": THERE, "none": NONE, "last": LAST, "all": ALL, "capped": CAPPED,
        "windowed": WINDOWED, "bounded": BOUNDED, "skips": SKIPS, "waits": WAITS, "jitter": DELAYED,
        "interval": INTERVAL, "paused": PAUSED, "edited": EDITED, "set back": BACK}

# A life as it should not be, and words of the complaint that must follow.
WOUNDS = {
    "doubled": (THERE.with_fired(*fired(5, 5, 10)), "twice"),
    "doubled in a later life": (replace(THERE, fired_before=frozenset({at(5)})), "before"),
    "lost": (THERE.with_fired(*fired(5)), "not fired"),
    "never looked at": (replace(THERE, fired=fired(5), after=at(10)), "neither fired nor passed"),
    "early": (THERE.with_fired(*fired(5), *fired(10, late=-4)), "early"),
    "late": (THERE.with_fired(*fired(5), *fired(10, late=5_000)), "after it could be"),
    "out of order": (THERE.with_fired(*fired(10, 5)), "order"),
    "without a run": (THERE.with_fired(replace(fired(5)[0], has_run=False), *fired(10)), "no run"),
    "at no time of its own": (THERE.with_fired(*fired(5, 8, 10)), "no time of its schedule"),
    "passed over early": (replace(THERE, after=at(20)), "before its time"),
    "no next time": (replace(THERE, after=None), "no next time"),
    "a strange next time": (replace(THERE, after=at(13)), "none of its schedule"),
    "set back by itself": (replace(THERE, before=at(15), after=at(0), fired=()), "back"),
    "a missed one under none": (NONE.with_fired(*caught_up(20, now=LOOK)), "was fired"),
    "none for last": (LAST.with_fired(), "not fired"),
    "two under last": (LAST.with_fired(*caught_up(15, 20, now=LOOK)), "was fired"),
    "last is not the newest": (LAST.with_fired(*caught_up(15, now=LOOK)), "was fired"),
    "one of all is lost": (ALL.with_fired(*caught_up(5, 15, 20, now=LOOK)), "not fired"),
    "above the cap": (CAPPED.with_fired(*caught_up(10, 15, 20, now=LOOK)), "was fired"),
    "the oldest under a cap": (CAPPED.with_fired(*caught_up(5, 10, now=LOOK)), "was fired"),
    "outside the window": (WINDOWED.with_fired(*caught_up(10, 15, 20, now=LOOK)), "was fired"),
    "inside the window": (WINDOWED.with_fired(*caught_up(20, now=LOOK)), "not fired"),
    "after its end": (BOUNDED.with_fired(*caught_up(10, 15, 20, now=LOOK)), "no time of its schedule"),
    "a skipped one fired": (
        replace(SKIPS, fired=caught_up(5, 10, now=LOOK), skips=(Skips(at(15), at(20), 2, LOOK),)),
        "had not ended"),
    "fired and skipped": (SKIPS.with_fired(*caught_up(5, 10, now=LOOK)), "fired and skipped"),
    "more skipped than there were": (replace(SKIPS, skips=(Skips(at(10), at(20), 4, LOOK),)), "more than"),
    "skipped for nothing": (replace(WAITS, pending_before=()), "nothing was pending"),
    "lost, and nothing was pending": (replace(WAITS, pending_before=(), skips=()), "not fired"),
    "fired over a pending one": (replace(WAITS, fired=fired(10)), "had not ended"),
    "skipped by another policy": (
        replace(THERE, skips=(Skips(at(5), at(5), 1, at(5, 3)),)), "not its policy"),
    "jitter ahead of its time": (DELAYED.with_fired(*fired(5, 10)), "early"),
    "an interval that drifts": (INTERVAL.with_fired(*fired(7)), "no time of its schedule"),
    "paused too soon": (PAUSED.with_fired(*fired(5)), "paused after 1"),
    "not paused": (replace(PAUSED, is_paused=False, after=at(20), fired=fired(5, 10, 15)), "not paused"),
    "fired though paused": (PAUSED.with_fired(*fired(5, 10, 15)), "fired after 2"),
    "fired by what was edited away": (EDITED.with_fired(*fired(5, 10)), "was fired"),
    "an edit lost what it did not touch": (EDITED.with_fired(), "not fired"),
    "fired again after the clock went back": (BACK.with_fired(*fired(5, 10)), "before"),
    "not fired after the clock went back": (BACK.with_fired(), "not fired"),
    "stuck after the clock went back": (replace(BACK, fired=(), after=at(200)), "not fired"),
}


def schedule_self_test():
    for name, life in GOOD.items():
        complaints = list(check_life(life))
        require(not complaints, f"nothing is wrong with {name}, and the checker says {complaints}")
    for name, (life, words) in WOUNDS.items():
        complaints = list(check_life(life))
        require(any(words in one for one in complaints),
                f"{name}: the checker complains of {words!r}, and did of {complaints}")
    return len(WOUNDS)
