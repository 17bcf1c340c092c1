"""kill -9 at random moments under load."""

import time

from scene import Scene

LONGEST_LIFE_S = 0.6


def kill(cycles, seed, scene_box):
    scene = scene_box(Scene(seed))
    scene.start_senders()
    for _ in range(cycles):
        time.sleep(scene.random.uniform(0.02, LONGEST_LIFE_S))
        scene.server.kill()
        scene.start()
        scene.check_newest()
    acknowledged, report = scene.finish()
    print(f"kill: {cycles} cycles, {acknowledged} events acknowledged, {report['repeated']} "
          f"requests repeated, ready again within {scene.slowest_start_s:.2f} s; nothing lost, "
          "doubled or out of order")
