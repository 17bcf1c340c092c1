"""A wall clock that can be set under a running server: see shifted_clock.c."""

import os
import re
import struct
import subprocess
import time
from pathlib import Path

from scene import Failed


def sanitizer_of(program):
    """The runtimes of a sanitizer that a program is linked to: they must be loaded before all else."""
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return re.findall(r"=> (\S*/lib[at]san\.so\S*)", linked)


class ShiftedClock:
    def __init__(self, folder, program):
        self.before = sanitizer_of(program)
        self.library = folder / "shifted_clock.so"
        source = Path(__file__).with_suffix(".c")
        built = subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(self.library), str(source)],
                               capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise Failed(f"{source} can't be built: {built.stderr}")
        self.path = folder / "clock"
        self.file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        self.shift_ms = 0.0
        self.set_by(0)

    def environment(self):
        return {"LD_PRELOAD": " ".join([*self.before, str(self.library)]), "SHIFTED_CLOCK_FILE": str(self.path)}

    def now(self):
        """In ms, as the server sees it."""
        return time.time() * 1000 + self.shift_ms

    def set_by(self, ms):
        self.shift_ms += ms
        os.pwrite(self.file, struct.pack("=q", round(self.shift_ms * 1e6)), 0)

    def set_to(self, ms):
        self.set_by(ms - self.now())

    def close(self):
        os.close(self.file)
