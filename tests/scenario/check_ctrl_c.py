#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ctrl-C in `thawline backup`, pressed on a real terminal: tests/scenario/check_ctrl_c.py BIN-FOLDER.

Wine hands Ctrl-C to programs only when it runs on a terminal of the host, so this is no cmocka test. A fault makes a step
of the provider take long; the key is pressed when the screen shows that step. Expected: exit code 130, a line that says
so, no shadow copy and no destination left, and the next backup works at once.
"""
import os
import pty
import select
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 60
CASES = [
    # what the screen shows when the key is pressed, the fault that makes it last
    ("Making the shadow copy", "provider.step EndPrepareSnapshots 0x0 1 1 1500"),
    ("Asking the writers", "requestor.method StartSnapshotSet 0x0 1 1 1500"),
]


def wine_environment():
    """The environment that tools/lib.sh makes for Wine processes, and the loader's path."""
    prefix = os.environ.get("THAWLINE_TEST_PREFIX", os.path.join(ROOT, "build", "prefix-test"))
    script = '. "$1/tools/lib.sh" && need_prefix "$2" && printf "%s\\0" "$wine_loader" && env -0'
    made = subprocess.run(["bash", "-c", script, "bash", ROOT, prefix], check=True, stdout=subprocess.PIPE)
    loader, *pairs = made.stdout.decode().rstrip("\0").split("\0")
    environment = dict(pair.split("=", 1) for pair in pairs)
    environment["THAWLINE_SCOPE"] = "ctrl-c-%d" % os.getpid()
    return loader, environment


def run_on_terminal(command, environment, wait_for):
    """Presses Ctrl-C once `wait_for` is on the screen; what the screen showed, and the exit code."""
    pid, terminal = pty.fork()
    if not pid:
        os.execvpe(command[0], command, environment)
    screen = b""
    pressed = False
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 1)
        try:
            read = os.read(terminal, 4096) if ready else None
        except OSError:
            break
        if read == b"":
            break
        screen += read or b""
        if not pressed and wait_for.encode() in screen:
            os.write(terminal, b"\x03")
            pressed = True
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return screen.decode(errors="replace"), os.waitstatus_to_exitcode(status)


def check(condition, text, screen):
    if not condition:
        sys.exit("FAILED: %s\n%s" % (text, screen))


def main():
    program = os.path.join(os.path.abspath(sys.argv[1]), "thawline.exe")
    loader, environment = wine_environment()
    folder = os.path.join(environment["WINEPREFIX"], "drive_c", environment["THAWLINE_SCOPE"])
    windows = "C:\\" + environment["THAWLINE_SCOPE"]
    os.makedirs(os.path.join(folder, "source"))
    with open(os.path.join(folder, "source", "file.txt"), "w", encoding="ascii") as file:
        file.write("something to copy\n")
    command = [loader, program, "backup", windows + "\\source", windows + "\\copy"]
    try:
        for line, faults in CASES:
            screen, code = run_on_terminal(command, dict(environment, THAWLINE_FAULTS=faults), line)
            check(code == 130, "exit code %d while: %s" % (code, line), screen)
            check("cancelled" in screen, "it does not say that it was cancelled", screen)
            check(not os.path.exists(os.path.join(folder, "copy")), "the destination is still there", screen)
            shadows = subprocess.run([loader, program, "list", "shadows"], env=environment, stdout=subprocess.PIPE,
                                     stdin=subprocess.DEVNULL, check=True)
            check(b"There are no shadow copies" in shadows.stdout, "a shadow copy is left", shadows.stdout.decode())
        again = subprocess.run(command + ["--verify"], env=environment, stdin=subprocess.DEVNULL, check=False,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(again.returncode == 0, "the next backup fails", again.stdout.decode(errors="replace"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("PASSED: %d cases" % len(CASES))


if __name__ == "__main__":
    main()
