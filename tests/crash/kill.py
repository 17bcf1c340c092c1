"""kill -9 at random moments under load."""

import time

from scene import Scene, require

LONGEST_LIFE_S = 0.6
# Fewer than can be run, or the runs of hundreds of cycles would all be left to the end.
RATE = 400


def kill(cycles, seed, scene_box):
    scene = scene_box(Scene(seed, rate=RATE))
    scene.start_senders()
    for _ in range(cycles):
        # Or the cycle would prove nothing.
        require(scene.wait_for_acknowledgements(1, 10), "events are acknowledged after a crash")
        time.sleep(scene.random.uniform(0.02, LONGEST_LIFE_S))
        scene.server.kill()
        scene.start()
        scene.check_newest()
    report = scene.stop_senders()
    require(scene.server.wait_until_drained(300), "no run is forgotten until the next restart")
    scene.start_senders()
    require(scene.wait_for_acknowledgements(100, 20), "events are acknowledged at the end")
    acknowledged, _ = scene.finish()
    print(f"kill: {cycles} cycles, {acknowledged} events acknowledged, {report['repeated']} "
          f"requests repeated, ready again within {scene.slowest_start_s:.2f} s; nothing lost, "
          "doubled or out of order")
