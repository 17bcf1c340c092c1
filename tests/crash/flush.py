"""Every flush fails for a while: strace answers EIO in the disk's place."""

import time

from process import Process
from scene import Scene, require

FAILING_S = 2.0


def flush(cycles, seed, scene_box):
    scene = scene_box(Scene(seed, rate=500))
    scene.start_senders()
    for _ in range(cycles):
        fail_flushes(scene)
        time.sleep(scene.random.uniform(0.05, 0.5))
        scene.server.kill()
        scene.start()
        scene.check_newest()
    acknowledged, report = scene.finish()
    refused = report["statuses"].get("503", 0)
    require(refused > 0, "what cannot be flushed is answered 503")
    print(f"flush: {cycles} cycles, {acknowledged} events acknowledged, {refused} times 503; "
          "nothing lost, doubled or out of order")


def fail_flushes(scene):
    require(scene.wait_for_acknowledgements(20, 20), "events are acknowledged before the fault")
    tracer = Process(["strace", "-f", "-q", "-p", str(scene.server.pid),
                      "-o", str(scene.base / "strace.log"), "-e", "trace=fdatasync,fsync",
                      "-e", "inject=fdatasync,fsync:error=EIO"], scene.base / "strace.out")
    try:
        scene.server.wait_for_line("refusing writes until the file is verified", seconds=20,
                                   after=scene.server.log_from)
        # Answers that were on their way when the fault began have arrived by now.
        time.sleep(0.2)
        before = scene.acknowledged_count()
        time.sleep(FAILING_S)
        require(scene.acknowledged_count() == before, "no 200 while nothing can be flushed")
        require(scene.server.status_of("/healthz") == 200, "the process answers meanwhile")
        require(scene.server.status_of("/readyz") == 503, "it says that it is not ready")
    finally:
        tracer.stop()
    require(scene.wait_for_acknowledgements(20, 20), "events are acknowledged after the fault")
    require(scene.server.is_alive(), "the process lived through it")
