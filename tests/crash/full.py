"""The disk is full for a while: a small tmpfs with ballast in it."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scene import Scene, require

FULL_S = 1.5
DISK_BYTES = 192 << 20
LEFT_BYTES = 6 << 20
STRIDE_BYTES = 4 << 20


def enter_private_mounts():
    """Runs this program again where its mounts are nobody else's."""
    if os.environ.get("CRASH_MOUNTS") == "private":
        return
    as_who = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    os.environ["CRASH_MOUNTS"] = "private"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *as_who,
                          sys.executable, *sys.argv])


def full(cycles, seed, scene_box):
    scene = scene_box(SmallDisk(seed))
    scene.start_senders()
    for _ in range(cycles):
        fill_disk(scene)
        time.sleep(scene.random.uniform(0.05, 0.5))
        scene.server.kill()
        scene.start()
        scene.check_newest()
    acknowledged, report = scene.finish()
    refused = report["statuses"].get("503", 0)
    require(refused > 0, "what does not fit is answered 503")
    print(f"full: {cycles} cycles, {acknowledged} events acknowledged, {refused} times 503; "
          "nothing lost, doubled or out of order")


class SmallDisk(Scene):
    def __init__(self, seed):
        base = Path(tempfile.mkdtemp(prefix="bellpull-crash-"))
        (base / "data").mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "tmpfs",
                        str(base / "data")], check=True)
        super().__init__(seed, base=base, rate=1000)

    def close(self, keep=False):
        for process in (self.senders, self.server):
            if process is not None:
                process.kill()
        if not keep:
            subprocess.run(["umount", str(self.folder)], check=True)
        super().close(keep)


def write_ballast(ballast):
    """In strides, each by what is free then: the server takes its share meanwhile, and an
    allocation of everything at once would be undone whole where that is more than expected."""
    with open(ballast, "wb") as file, contextlib.suppress(OSError):
        while True:
            disk = os.statvfs(ballast)
            more = min(disk.f_bavail * disk.f_frsize - LEFT_BYTES, STRIDE_BYTES)
            if more <= 0:
                break
            os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), more)
    require(ballast.stat().st_size > DISK_BYTES // 2, "the ballast leaves room when it goes")


def fill_disk(scene):
    require(scene.wait_for_acknowledgements(20, 20), "events are acknowledged while there is room")
    ballast = scene.folder / "ballast"
    write_ballast(ballast)
    scene.server.wait_for_line("disk full", seconds=60, after=scene.server.log_from)
    time.sleep(FULL_S)
    require(scene.server.is_alive(), "the process lives on")
    require(scene.server.status_of("/healthz") == 200, "and answers")
    ballast.unlink()
    require(scene.wait_for_acknowledgements(20, 20), "events are acknowledged when there is room")
