"""The matrix's checker must complain about what a crash must not do to a run, and about a matrix that killed nobody."""

from matrix_checker import UNKNOWN, Case, complaints, unreached
from scene import require

WHOLE = ["instruction", "order done", "keep done", "ship done", "settled"]
ONCE_EACH = {"order": ["k1"], "keep": ["k2"], "ship": ["k3"]}
AS_UNKNOWN = [*WHOLE[:3], f"ship {UNKNOWN}", WHOLE[4]]

# The keys that each call came with, transcript, state; and the complaint, nothing for a life that is well.
LIVES = {
    "nothing happened": (ONCE_EACH, WHOLE, "succeeded", None),
    "a call that came is not known to have come": (ONCE_EACH, AS_UNKNOWN, "succeeded", None),
    "a call that did not come is not known": ({**ONCE_EACH, "ship": []}, AS_UNKNOWN, "succeeded", None),
    "what may be repeated was": ({**ONCE_EACH, "keep": ["k2", "k2"]}, WHOLE, "succeeded", None),
    "a call came twice": ({**ONCE_EACH, "order": ["k1", "k1"]}, WHOLE, "succeeded", "order came 2 times"),
    "a call came twice and is unknown": (
        {**ONCE_EACH, "ship": ["k3", "k3"]}, AS_UNKNOWN, "succeeded", "ship came 2 times"),
    "a repetition has another key": (
        {**ONCE_EACH, "keep": ["k2", "k4"]}, WHOLE, "succeeded", "keep came with 2 keys"),
    "a repetition has no key": (
        {**ONCE_EACH, "keep": ["k2", None]}, WHOLE, "succeeded", "keep came without a key"),
    "a call has another one's key": ({**ONCE_EACH, "ship": ["k1"]}, WHOLE, "succeeded", "two calls have the same key"),
    "a call did not come and nobody says so": (
        {**ONCE_EACH, "ship": []}, WHOLE, "succeeded", "1 calls did not come"),
    "two calls did not come and one is told of": (
        {"order": [], "keep": ["k2"], "ship": []}, AS_UNKNOWN, "succeeded", "2 calls did not come"),
    "a message is gone": (ONCE_EACH, WHOLE[:-1], "succeeded", "4 messages instead of 5"),
    "a message is doubled": (ONCE_EACH, [*WHOLE, "settled"], "succeeded", "6 messages instead of 5"),
    "a message says something else": (
        ONCE_EACH, [*WHOLE[:3], "ship failed", WHOLE[4]], "succeeded", "instead of ship done"),
    "a call was left out": ({**ONCE_EACH, "keep": []}, WHOLE, "succeeded", "may be repeated"),
    "the run was given up": (ONCE_EACH, WHOLE, "dead", "ended as dead"),
}

FLUSHES = 3
CASES = [*(Case("flush", number, side) for number in (1, 2, 3) for side in (1, 2)), Case("call", "order")]

# At which points a server died, and those that must be complained of.
DEATHS = {
    "a server died everywhere": (CASES, []),
    "the last flush was one too many": ([case for case in CASES if case.where != FLUSHES], []),
    "nothing was killed": ([], [str(case) for case in CASES if case.where != FLUSHES]),
    "no flush killed": ([CASES[-1]], [str(case) for case in CASES[:4]]),
    "one flush was never reached": ([case for case in CASES if case != CASES[2]], [str(CASES[2])]),
    "a call killed nobody": (CASES[:-1], [str(CASES[-1])]),
}


def matrix_self_test():
    for name, (came, transcript, state, expected) in LIVES.items():
        found = complaints(came, transcript, WHOLE, state)
        if expected is None:
            require(not found, f"the matrix takes that {name}: {found}")
        else:
            require(any(expected in one for one in found), f"the matrix sees that {name}: {found}")
    for name, (killed, expected) in DEATHS.items():
        found = unreached(CASES, killed, FLUSHES)
        require(found == expected, f"the matrix sees that {name}: {found}")
    return sum(1 for *_, expected in (*LIVES.values(), *DEATHS.values()) if expected)
