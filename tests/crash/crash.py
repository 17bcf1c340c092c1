"""tools/crash: is a 200 kept when the process, the disk or the kernel lets us down?"""

import argparse
import random
import sys

from files import files
from flush import flush
from full import enter_private_mounts, full
from kill import kill
from matrix import matrix
from scene import Trouble
from schedule import schedule
from self_test import self_test

STORIES = {"kill": (kill, 200), "flush": (flush, 5), "full": (full, 3), "files": (files, 3),
           "schedule": (schedule, 200), "matrix": (matrix, 1),
           "self-test": (self_test, 1)}


def tell(story, cycles, seed, keep):
    function, default = STORIES[story]
    scenes = []

    def box(scene):
        scenes.append(scene)
        return scene

    failed = True
    try:
        function(cycles or default, seed, box)
        failed = False
    except Trouble as failure:
        print(f"{story}: NOT KEPT: {failure} (seed {seed})")
    finally:
        for scene in scenes:
            scene.close(keep=failed and keep)
    return not failed


def main():
    parser = argparse.ArgumentParser(prog="tools/crash", description=__doc__)
    parser.add_argument("stories", nargs="*", choices=[*STORIES, []], help="default: all")
    parser.add_argument("--cycles", type=int, default=0,
                        help="default: 200 kills, fewer of the rest")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--keep", action="store_true", help="keep the files of a failure")
    arguments = parser.parse_args()
    stories = arguments.stories or list(STORIES)
    if "full" in stories:
        enter_private_mounts()
    kept = [tell(story, arguments.cycles, arguments.seed, arguments.keep) for story in stories]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
