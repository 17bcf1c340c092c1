"""Every page of lists over a million conversations and 100,000 others, by one filter each."""

import http.client
import json
import subprocess
import threading
import time
from urllib.parse import urlencode

from machine import Watch, quantile
from process import program
from server import Server, query as rows_of
from table import percent, show

BAR_MS = 20
AGAIN = 100  # requests for each of the first, the middle and the last page


class Client:
    """One connection that is kept; times what it asks for, up to the last byte."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.headers = {"Authorization": "Bearer " + server.token}

    def get(self, path, query):
        """Milliseconds, status and body."""
        start = time.perf_counter()
        self.connection.request("GET", f"/api/v1{path}?{urlencode(query)}", headers=self.headers)
        reply = self.connection.getresponse()
        text = reply.read()
        return (time.perf_counter() - start) * 1000, reply.status, json.loads(text)

    def first_ids(self, path):
        return [item["id"] for item in self.get(path, {"order": "asc", "take": 2})[2]["items"]]


def lists(scratch, quick):
    conversations, others = (50_000, 5_000) if quick else (1_000_000, 100_000)
    folder = scratch / "data"
    server = Server(folder, "--workers", "0")
    server.stop()
    seeded = time.monotonic()
    subprocess.run([program("bench_seed"), "--data", str(folder), "--conversations",
                    str(conversations), "--others", str(others)], check=True)
    seeded = time.monotonic() - seeded
    server = Server(folder, "--workers", "0", token=server.token)
    try:
        indexed = wait_until_indexed(server)
        note = (f"Seeded in {seeded:.0f} s, indexed {indexed:.0f} s after the start. "
                f"bellpull.db has {megabytes(folder, 'bellpull.db')} MB, index.db "
                f"{megabytes(folder, 'index.db')} MB. A walk asks for every page once.")
        single(server, conversations, others, note)
        together(server)
    finally:
        server.kill()


def megabytes(folder, name):
    return (folder / name).stat().st_size // 1_000_000


def wait_until_indexed(server):
    start = time.monotonic()
    newest = server.query("select max(id) from conversations")[0][0]
    while True:
        done = rows_of(server.folder / "index.db", "select indexed from progress where kind = 1")
        if done and done[0][0] >= newest:
            return time.monotonic() - start
        time.sleep(0.5)


def metas(count):
    """Filters by meta, and how many rows of `count` they leave."""
    return [({"meta.half": "even"}, count // 2), ({"meta.tenant": "t7"}, count // 20),
            ({"meta.batch": "b123"}, count // 1000), ({"meta.customer": count // 3}, 1),
            ({"meta.deep.er": f"x{count // 4}"}, 1), ({"meta.tenant": "nobody"}, 0)]


def plan(client, conversations, others):
    """Each list's path, its rows, and its single filters with how many rows they leave."""
    bots, contacts = client.first_ids("/bot/list"), client.first_ids("/contact/list")
    skillset = client.first_ids("/skillset/list")[0]
    return [
        ("/conversation/list", conversations, [
            ({"botId": bots[0]}, None), ({"botId": bots[1]}, None),
            ({"botId": f"{bots[0]},{bots[1]}"}, None), ({"contactId": contacts[0]}, None),
            ({"contactId": contacts[1]}, None), ({"taskId": "task-123"}, conversations // 1000),
            ({"taskId": ",".join(f"task-{i}" for i in range(100))}, conversations // 10)]),
        (f"/contact/{contacts[0]}/conversation/list", None, []),
        ("/integration/trigger/list", others, [({"botId": bots[0]}, None),
                                               ({"botId": bots[1]}, None)]),
        ("/contact/list", others, [({"email": "c7@example.com"}, 2), ({"phone": "+49300000007"}, 2),
                                   ({"fingerprint": "fingerprint-7"}, 1)]),
        (f"/skillset/{skillset}/ability/list", None, []),
        ("/bot/list", 100, []), ("/skillset/list", 100, []),
    ]


def single(server, conversations, others, note):
    client = Client(server)
    watch = Watch(server=server)
    rows = []
    worst = 0
    for path, count, filters in plan(client, conversations, others):
        wanted = [({}, count)] + filters
        wanted += metas(count) if count is not None else [({"meta.half": "even"}, None)]
        for query, expected in wanted:
            for order in ("desc", "asc"):
                row, p99 = measure(client, path, {**query, "order": order}, expected)
                rows.append(row)
                worst = max(worst, p99)
                print(" ".join(str(cell) for cell in row), flush=True)
    used = watch.read()
    show(f"Lists with at most one filter (bar: p99 {BAR_MS} ms); ms over HTTP, one connection",
         ["list", "filter", "order", "rows", "all pages p50", "p99", "worst", "first page p50", "p99",
          "middle p50", "p99", "last p50", "p99"], rows,
         f"{note} The worst p99 is {worst:.1f} ms; foreign CPU {percent(used['foreign'])}.")


def measure(client, path, query, expected):
    times, cursors, count, cursor = [], [], 0, ""
    while True:
        took, status, body = client.get(path, {**query, "cursor": cursor})
        if status != 200:
            raise RuntimeError(f"{path} {query}: {status} {body}")
        times.append(took)
        cursors.append(cursor)
        count += len(body["items"])
        if not body["items"]:
            break
        cursor = body["cursor"]
    if expected is not None and count != expected:
        raise RuntimeError(f"{path} {query}: {count} rows instead of {expected}")
    places = {place: [client.get(path, {**query, "cursor": at})[0] for _ in range(AGAIN)]
              for place, at in (("first", ""), ("middle", cursors[len(cursors) // 2]),
                                ("last", cursors[max(0, len(cursors) - 2)]))}
    name, value = next(((n, v) for n, v in query.items() if n != "order"), ("", ""))
    shown = f"{name}={str(value)[:14]}{'…' if len(str(value)) > 14 else ''}" if name else "none"
    cells = [quantile(times, 0.5), quantile(times, 0.99), max(times)]
    for again in places.values():
        cells += [quantile(again, 0.5), quantile(again, 0.99)]
    worst = max([cells[1]] + [quantile(again, 0.99) for again in places.values()])
    short = "/".join(part if "_" not in part else "…" for part in path.split("/"))
    return [short, shown, query["order"], count, *(f"{cell:.1f}" for cell in cells)], worst


def together(server):
    """Two filters at once, and what the others see meanwhile."""
    client = Client(server)
    bots = client.first_ids("/bot/list")
    rows = []
    for what, query in (
            ("both dense, all in common", {"botId": bots[0], "meta.half": "even"}),
            ("both dense, nothing in common", {"botId": bots[0], "meta.half": "odd"}),
            ("dense and rare", {"botId": bots[0], "meta.batch": "b122"}),
            ("dense and one row of the other half", {"meta.half": "even", "meta.customer": 33_333}),
            ("three dense, nothing in common", {"meta.half": "odd", "meta.tenant": "t4",
                                                "botId": bots[0]})):
        for order in ("desc", "asc"):
            others, stop = [], threading.Event()
            reader = threading.Thread(target=read_meanwhile, args=(server, bots[0], others, stop))
            reader.start()
            times = []
            for _ in range(20):
                took, status, body = client.get("/conversation/list", {**query, "order": order})
                times.append(took)
            stop.set()
            reader.join()
            answer = f"{len(body['items'])} rows" if status == 200 else f"{status} {body['message']}"
            rows.append([what, order, answer, f"{quantile(times, 0.5):.1f}", f"{max(times):.1f}",
                         f"{quantile(others, 0.5):.1f}", f"{quantile(others, 0.99):.1f}"])
    show("Conversations with filters together (bar: an answer in 2 s)",
         ["filters", "order", "answer", "p50 ms", "worst ms", "a bot's fetch meanwhile p50 ms",
          "p99 ms"], rows)


def read_meanwhile(server, bot, times, stop):
    client = Client(server)
    while not stop.is_set():
        times.append(client.get(f"/bot/{bot}/fetch", {})[0])
