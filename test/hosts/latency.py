# SPDX-License-Identifier: MIT
"""The python counterpart of bench/host: same arguments, same lines. There is
no second thread: the third number is "-"."""
import os
import subprocess
import sys
import time

NOP = ["./nop"]


def fill(mb):
    """Byte strings of 1 KB to 100 KB."""
    left, memory = mb << 20, []
    while left > 0:
        size = 1024 * (1 + len(memory) * 37 % 100)
        memory.append(b"x" * size)
        left -= size
    return memory


def by_fork():
    pid = os.fork()
    if pid == 0:
        try:
            os.execv(NOP[0], NOP)
        finally:
            os._exit(127)
    returned = time.monotonic_ns()
    return returned, os.waitpid(pid, 0)[1]


def by_preexec_fn():
    child = subprocess.Popen(NOP, preexec_fn=os.setsid)
    returned = time.monotonic_ns()
    return returned, child.wait()


def by_subprocess():
    child = subprocess.Popen(NOP)
    returned = time.monotonic_ns()
    return returned, child.wait()


METHODS = {
    "fork": by_fork,
    "preexec_fn": by_preexec_fn,
    "subprocess": by_subprocess,
}


def run(name, count, ms):
    limit = time.monotonic_ns() + ms * 1000000
    lines = []
    for _ in range(count):
        start = time.monotonic_ns()
        returned, status = METHODS[name]()
        reaped = time.monotonic_ns()
        if status:
            return f"failed: status {status}"
        lines.append(f"{returned - start} {reaped - start} -\n")
        if reaped > limit:
            break
    return "".join(lines) + "end"


def main():
    memory = fill(int(sys.argv[1]))
    print("ready", flush=True)
    for line in iter(sys.stdin.readline, ""):
        name, count, ms = line.split()
        try:
            said = run(name, int(count), int(ms))
        except (OSError, subprocess.SubprocessError) as error:
            said = f"failed: {error}"
        print(said, flush=True)
    return memory and None


main()
