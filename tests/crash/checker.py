"""Compares what the data file holds with what its senders were told.

Each complaint begins with its kind, so that the self-test can ask for it:
  lost        an acknowledged event is not there
  altered     it is there with another body or session
  twice       one request became two events
  invented    an event that nobody sent
  run         an event without its one run, or a run without its event
  order       a session's events, runs or messages are not in the order of their requests, or two
              of its runs overlap
  steps       a run's journal has a gap, or says something twice
  messages    a conversation has a gap, says something twice, or lacks what a run's steps say
  unfinished  a run that should have succeeded has not
  file        SQLite finds the file itself damaged
"""

import json
import re
import sqlite3
from collections import Counter, defaultdict
from itertools import groupby

from journal import body_of, event_key

SUCCEEDED = 4
OPENED, MODEL, INTENT, RESULT, NOTE, SETTLED = range(6)
OPENED_PARTS = range(5)  # the instruction; the event and the trigger, each asked for and answered
PAIR = range(2)          # a request and its response
MAX_OF_A_KIND = 10  # complaints shown


class Checker:
    def __init__(self, database, body_size):
        self.db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self.db.text_factory = bytes
        self.body_size = body_size
        self.complaints = []

    def close(self):
        self.db.close()

    def complain(self, kind, what):
        self.complaints.append(f"{kind}: {what}")

    def check(self, acknowledged, sent_below, drained):
        """Everything. `sent_below`: no request had this number or a higher one. `drained`: no run
        may be left over."""
        for (answer,) in self.db.execute("pragma integrity_check(5)"):
            if answer != b"ok":
                self.complain("file", answer.decode())
        events = self.check_events(acknowledged, sent_below)
        self.check_runs(drained)
        self.check_order(events)
        self.check_steps()
        self.check_messages()
        return self.complaints

    def check_kept(self, acknowledged):
        """Only that these are there, whole: quick enough for after every crash."""
        for one in acknowledged:
            row = self.db.execute("select session, body from events where id = ?",
                                  (event_key(one.event),)).fetchone()
            self.check_one(one, row)
        return self.complaints

    def check_one(self, one, row):
        if row is None:
            self.complain("lost", f"{one.event}, request {one.number}")
            return
        session, body = row
        if body != body_of(one.number, self.body_size):
            self.complain("altered", f"{one.event} has the body {body[:60]!r}")
        if session.decode() != ("" if one.session == "-" else "s:" + one.session):
            self.complain("altered", f"{one.event} is of session {session!r}, not {one.session}")

    def check_events(self, acknowledged, sent_below):
        """Gives {event: (session, number)}."""
        events = {}
        rows = {}
        times = Counter()
        for id, session, body in self.db.execute("select id, session, body from events"):
            match = re.match(rb'\{"number":"(\d{12})"', body or b"")
            if not match or not 0 < int(match[1]) < sent_below:
                self.complain("invented", f"event {id} with the body {(body or b'')[:60]!r}")
                continue
            number = int(match[1])
            times[number] += 1
            events[id] = (session, number)
            rows[id] = (session, body)
        for number, count in times.items():
            if count > 1:
                self.complain("twice", f"request {number} became {count} events")
        answers = defaultdict(set)
        for one in acknowledged:
            answers[one.number].add(one.event)
            self.check_one(one, rows.get(event_key(one.event)))
        for number, ids in answers.items():
            if len(ids) > 1:
                self.complain("twice", f"request {number} was answered {sorted(ids)}")
        return events

    def check_runs(self, drained):
        for (id,) in self.db.execute(
                "select id from events where id not in (select id from runs)"):
            self.complain("run", f"event {id} has no run")
        for (id,) in self.db.execute(
                "select id from runs where id not in (select id from events)"):
            self.complain("run", f"run {id} has no event")
        if not drained:
            return
        for id, state, reason, error in self.db.execute(
                "select id, state, reason, error_message from runs where state <> ?", (SUCCEEDED,)):
            self.complain("unfinished", f"run {id} is in state {state}: {reason} {error}")

    def check_order(self, events):
        """Each session sent its next request after the answer to the one before."""
        newest = {}
        for id, (session, number) in sorted(events.items()):
            if session and newest.get(session, 0) >= number:
                self.complain("order", f"event {id} of session {session.decode()} is request "
                                       f"{number}, after request {newest[session]}")
            newest[session] = max(number, newest.get(session, 0))
        for session, count in self.db.execute(
                "select e.session, count(distinct r.conversation) from events e "
                "join runs r on r.id = e.id where e.session <> '' and r.conversation is not null "
                "group by e.session having count(distinct r.conversation) > 1"):
            self.complain("order", f"session {session.decode()} has {count} conversations")

        self.check_turns()

    def check_turns(self):
        """Each run of a session began when the one before it had ended. `started_at` is that of the
        first attempt and `ended_at` that of the last, so a run holds its turn while a crash
        interrupts it. A clock that is set back meanwhile is complained of too."""
        at, before, free_from = None, None, 0
        for id, trigger, session, started, ended in self.db.execute(
                "select id, trigger, session, started_at, ended_at from runs "
                "where session is not null order by trigger, session, id"):
            if (trigger, session) != at:
                at, free_from = (trigger, session), 0
            if started is not None and (free_from is None or started < free_from):
                self.complain("order", f"run {id} began at {started}, before run {before} of its "
                                       f"session had ended at {free_from}")
            before, free_from = id, ended

    def check_steps(self):
        counted = dict(self.db.execute("select id, steps from runs"))
        rows = self.db.execute(
            "select run, number, kind, attempt, case when kind = ? then content end "
            "from steps order by run, number", (RESULT,))
        run, journal = None, []
        for row in rows:
            if row[0] != run:
                self.check_journal(run, journal, counted)
                run, journal = row[0], []
            journal.append(row[1:])
        self.check_journal(run, journal, counted)
        for id, steps in counted.items():
            if steps:
                self.complain("steps", f"run {id} counts {steps} steps and has none")

    def check_journal(self, run, journal, counted):
        if run is None:
            return
        numbers = [number for number, *_ in journal]
        kinds = Counter(kind for _, kind, *_ in journal)
        if numbers != list(range(1, len(numbers) + 1)):
            self.complain("steps", f"run {run} has the steps {numbers}")
        if counted.pop(run, None) != len(numbers):
            self.complain("steps", f"run {run} does not count its {len(numbers)} steps")
        if kinds[OPENED] != 1 or journal[0][1] != OPENED:
            self.complain("steps", f"run {run} was opened {kinds[OPENED]} times")
        if kinds[SETTLED] > 1 or (kinds[SETTLED] and journal[-1][1] != SETTLED):
            self.complain("steps", f"run {run} was settled {kinds[SETTLED]} times, or went on")
        # builtin/demo calls the bot's one ability once, and settles with its second answer.
        if kinds[MODEL] > 2 or kinds[INTENT] > 1:
            self.complain("steps", f"run {run} repeats itself: {dict(kinds)}")
        attempts = [attempt for _, _, attempt, _ in journal]
        if attempts != sorted(attempts):
            self.complain("steps", f"run {run} has steps of the attempts {attempts}")
        intents = [json.loads(content)["intent"] for *_, content in journal if content]
        if len(intents) != len(set(intents)):
            self.complain("steps", f"run {run} has two results of one call: {intents}")

    def check_messages(self):
        counted = dict(self.db.execute("select id, messages from conversations"))
        at, newest_run, parts = None, 0, set()
        last = 0
        shown = defaultdict(set)  # of each run, the parts of its steps that stand there
        for conversation, number, type, run, step, part in self.db.execute(
                "select conversation, number, type, run, step, part from messages "
                "order by conversation, number"):
            if conversation != at:
                if at is not None and counted.get(at) != last:
                    self.complain("messages", f"conversation {at} does not count its {last}")
                at, newest_run, parts, last = conversation, 0, set(), 0
            if number != last + 1:
                self.complain("messages", f"conversation {at}: {number} follows {last}")
            last = number
            if run is None:
                continue
            if run < newest_run:
                self.complain("order", f"conversation {at}: message {number} of run {run} "
                                       f"stands after run {newest_run}")
            newest_run = max(run, newest_run)
            if (run, step, part, type) in parts:
                self.complain("messages", f"conversation {at}: message {number} says part {part} "
                                          f"of step {step} of run {run} again")
            parts.add((run, step, part, type))
            shown[run].add((step, part))
        if at is not None and counted.get(at) != last:
            self.complain("messages", f"conversation {at} does not count its {last}")
        for run, expected in self.messages_of_journals():
            if shown[run] != expected:
                self.complain("messages", f"run {run} lacks the messages "
                                          f"{sorted(expected - shown[run])} and has "
                                          f"{sorted(shown[run] - expected)} of no step")

    def messages_of_journals(self):
        """Of each run the (step, part) pairs that must be messages (src/domain/transcript.h)."""
        rows = self.db.execute("select run, number, kind, content from steps order by run, number")
        for run, steps in groupby(rows, key=lambda row: row[0]):
            yield run, {(number, part) for _, number, kind, content in steps
                        for part in parts_of(kind, content)}


def parts_of(kind, content):
    if kind == MODEL:
        answer = json.loads(content)
        return [part for part, name in enumerate(("text", "reasoning")) if answer.get(name)]
    if kind == NOTE:
        return [0] if json.loads(content)["note"] == "nudge" else []
    return {OPENED: OPENED_PARTS, INTENT: [], RESULT: PAIR, SETTLED: PAIR}[kind]


def check(database, acknowledged, *, body_size, sent_below, drained):
    checker = Checker(database, body_size)
    try:
        return checker.check(acknowledged, sent_below, drained)
    except sqlite3.DatabaseError as error:
        return [f"file: {error}"]
    finally:
        checker.close()


def check_kept(database, acknowledged, *, body_size):
    checker = Checker(database, body_size)
    try:
        return checker.check_kept(acknowledged)
    finally:
        checker.close()


def show(complaints):
    for kind, of_kind in Counter(line.split(":")[0] for line in complaints).items():
        shown = [line for line in complaints if line.startswith(kind + ":")][:MAX_OF_A_KIND]
        print("\n".join("  " + line for line in shown))
        if of_kind > len(shown):
            print(f"  ... and {of_kind - len(shown)} more of this kind")
