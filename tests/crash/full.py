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


def fill_disk(scene):
    require(scene.wait_for_acknowledgements(20, 20), "events are acknowledged while there is room")
    ballast = scene.folder / "ballast"
    disk = os.statvfs(scene.folder)
    with open(ballast, "wb") as file, contextlib.suppress(OSError):  # the server may be faster
        os.posix_fallocate(file.fileno(), 0, max(disk.f_bavail * disk.f_frsize - LEFT_BYTES, 4096))
    scene.server.wait_for_line("disk full", seconds=60, after=scene.server.log_from)
    time.sleep(FULL_S)
    require(scene.server.is_alive(), "the process lives on")
    require(scene.server.status_of("/healthz") == 200, "and answers")
    ballast.unlink()
    require(scene.wait_for_acknowledgements(20, 20), "events are acknowledged when there is room")
