"""The checker must complain: about doctored files, and about a server that acknowledges too early.

A story that ends well is made with a real server; then one thing at a time is broken in a copy. The
checkers of schedules and of the matrix need no server for that: schedule_wounds.py, matrix_wounds.py."""

import shutil
import sqlite3

import checker
from matrix_wounds import matrix_self_test
from scene import BODY_SIZE, Scene, require
from schedule_wounds import schedule_self_test

# What is done to the file, and the complaint that must follow.
WOUNDS = {
    "an event is gone": ("lost", "delete from events where id = :some"),
    "an event and its run are gone": (
        "lost", "delete from events where id = :some; delete from runs where id = :some"),
    "a run is gone": ("run", "delete from runs where id = :some"),
    "a body lost its last byte": (
        "altered", "update events set body = substr(body, 1, length(body) - 1) where id = :some"),
    "an event moved to another session": (
        "altered", "update events set session = 's:other' where id = :some"),
    "a request became two events": (
        "twice",
        "insert into events (id, trigger, account, source, received_at, method, content_type, query, "
        "headers, session, contact_name, contact_email, contact_phone, idempotency_key, body) "
        "select :new, trigger, account, source, received_at, method, "
        "content_type, query, headers, session, contact_name, contact_email, contact_phone, null, "
        "body from events where id = :some"),
    "an event came from nowhere": (
        "invented", "update events set body = '{\"number\":\"999999999999\"}' where id = :some"),
    "two events of a session changed places": (
        "order",
        "update events set id = -1 where id = :some; "
        "update events set id = :some where id = :next; "
        "update events set id = :next where id = -1"),
    "two runs of a session changed places": (
        "order",
        "update messages set run = -1 where run = :some; "
        "update messages set run = :some where run = :next; "
        "update messages set run = :next where run = -1"),
    "a run began before the one before it had ended": (
        "order",
        "update runs set started_at = (select ended_at - 1 from runs where id = :some) "
        "where id = :next"),
    "a run began and the one before it never ended": (
        "order", "update runs set ended_at = null where id = :some"),
    "a session began again": ("order", "update runs set conversation = 999 where id = :some"),
    "a message is doubled": (
        "messages",
        "insert into messages select conversation, "
        "(select messages + 1 from conversations c where c.id = conversation), type, run, step, "
        "part, text, name, description, meta, created_at, updated_at from messages "
        "where run = :last and step = 1 and part = 1; "
        "update conversations set messages = messages + 1 where id = "
        "(select conversation from runs where id = :last)"),
    "a message is gone": (
        "messages", "delete from messages where run = :some and step = 1 and part = 1"),
    "a run's last messages are gone, and the counter goes without them": (
        "messages",
        "delete from messages where run = :last and step = "
        "(select steps from runs where id = :last); "
        "update conversations set messages = messages - 2 where id = "
        "(select conversation from runs where id = :last)"),
    "a step is gone": ("steps", "delete from steps where run = :some and number = 2"),
    "a step is doubled": (
        "steps",
        "insert into steps select run, (select steps + 1 from runs where id = :some), kind, "
        "attempt, created_at, content from steps where run = :some and number = 2; "
        "update runs set steps = steps + 1 where id = :some"),
    "a run never ended": ("unfinished", "update runs set state = 1 where id = :some"),
}


def self_test(cycles, seed, scene_box):
    others = schedule_self_test() + matrix_self_test()
    scene = scene_box(Scene(seed))
    scene.start_senders()
    require(scene.wait_for_acknowledgements(500, 20), "a healthy server acknowledges")
    scene.finish()
    for name, (kind, sql) in WOUNDS.items():
        require_complaint(scene, name, kind, sql)
    early_acknowledgement(scene_box, seed)
    print(f"self-test: the checkers saw each of {len(WOUNDS)} and {others} wounds, and a server that "
          "acknowledges before it flushes")


def require_complaint(scene, name, kind, sql):
    copy = scene.base / "wounded.db"
    for suffix in ("", "-wal"):
        if (scene.folder / ("bellpull.db" + suffix)).exists():
            shutil.copy(scene.folder / ("bellpull.db" + suffix), str(copy) + suffix)
    database = sqlite3.connect(copy)
    session, some = database.execute(
        "select session, min(id) from events where id > 5 and session <> '' group by session "
        "having count(*) > 3 limit 1").fetchone()
    following = [id for (id,) in database.execute(
        "select id from events where session = ? and id > ? order by id", (session, some))]
    (newest,) = database.execute("select max(id) from events").fetchone()
    values = {"some": some, "next": following[0], "last": following[-1], "new": newest + 1}
    for statement in sql.split(";"):
        changed = database.execute(statement, values)
        require(changed.rowcount > 0, f"{name}: the wound was made by {statement}")
    database.commit()
    database.close()
    complaints = checker.check(copy, scene.acknowledged(), body_size=BODY_SIZE,
                               sent_below=scene.sent_below, drained=True)
    kinds = {line.split(":")[0] for line in complaints}
    require(kind in kinds, f"{name}: the checker complains of {kind}, and did of {sorted(kinds)}")


def early_acknowledgement(scene_box, seed):
    """A server that answers before its commit is on disk: after a crash the disk holds what it held
    some answers ago."""
    scene = scene_box(Scene(seed))
    scene.start_senders()
    require(scene.wait_for_acknowledgements(150, 20), "a healthy server acknowledges")
    flushed = scene.base / "flushed.db"
    copy_as_it_stands(scene.server.database, flushed)
    require(scene.wait_for_acknowledgements(150, 20), "a healthy server acknowledges on")
    scene.server.kill()
    scene.stop_senders()
    for suffix in ("-wal", "-shm"):
        (scene.folder / ("bellpull.db" + suffix)).unlink(missing_ok=True)
    flushed.replace(scene.folder / "bellpull.db")
    complaints = scene.check_copy()
    require(any(line.startswith("lost:") for line in complaints),
            "the checker misses what was acknowledged and not flushed")


def copy_as_it_stands(database, copy):
    """One moment of a data file that a server is writing."""
    source, target = sqlite3.connect(database), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
