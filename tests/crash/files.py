"""No file descriptor is left for a while."""

import os
import signal
import subprocess
import time

from scene import SESSIONS, Scene, require

WITHOUT_S = 2.0
SPARE = 8  # far fewer than there are senders


def files(cycles, seed, scene_box):
    scene = scene_box(Scene(seed))
    for _ in range(cycles):
        use_up_files(scene)
        scene.stop_senders()
        scene.server.kill()
        scene.start()
        scene.check_newest()
    scene.start_senders()
    require(scene.wait_for_acknowledgements(20, 20), "events are acknowledged at the end")
    acknowledged, _ = scene.finish()
    print(f"files: {cycles} cycles, {acknowledged} events acknowledged; nothing lost, doubled or "
          "out of order")


def limit_files(pid, soft):
    subprocess.run(["prlimit", "--pid", str(pid), f"--nofile={soft}:"], check=True)


def soft_limit(pid):
    line = subprocess.run(
        ["prlimit", "--pid", str(pid), "--nofile", "--output=SOFT", "--noheadings"],
        check=True, capture_output=True, text=True)
    return int(line.stdout)


def use_up_files(scene):
    pid = scene.server.pid
    before = soft_limit(pid)
    limit_files(pid, len(os.listdir(f"/proc/{pid}/fd")) + SPARE)
    scene.start_senders()
    require(scene.wait_for_acknowledgements(20, 20), "who got in is served")
    # The senders hold still: what the server does now, it does about those who did not get in.
    scene.senders.child.send_signal(signal.SIGSTOP)
    require(scene.server.wait_until_drained(60), "every run ends")
    cpu, start = scene.server.cpu_seconds(), time.monotonic()
    time.sleep(WITHOUT_S)
    used = (scene.server.cpu_seconds() - cpu) / (time.monotonic() - start)
    scene.senders.child.send_signal(signal.SIGCONT)
    require(scene.server.is_alive(), "the process lives on")
    require(used < 0.2, f"it does not spin: used {used:.2f} of a core")
    limit_files(pid, before)
    require(scene.wait_for_sessions(SESSIONS, 20), "all are served again")
