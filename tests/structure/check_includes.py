#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when an #include breaks the order of the rooms: check_includes.py ROOT.

A room may include itself and, directly or through others, the rooms that cmake/rooms.txt says it
knows. The command-line program and the scenario tests see include/ only. Unit tests see their room.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def read_rooms(path):
    """{room: all that it knows}, and complaints about the table itself."""
    known, complaints = {}, []
    for line in path.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        room, _, names = line.partition(":")
        everything = set()
        for name in names.split():
            if name not in known:
                complaints.append(f"{path}: {room} knows {name}, which does not stand above it")
                continue
            everything |= {name} | known[name]
        known[room] = everything
    for one, other in (("requestor", "writer"), ("writer", "requestor")):
        if other in known.get(one, ()):
            complaints.append(f"{path}: {one} must not know {other}: they meet in bus and model")
    if known.get("cli"):
        complaints.append(f"{path}: cli must know no room, only include/")
    return known, complaints


def check_file(file, rooms, allowed, own, root):
    """Complaints about one file that may include the rooms `allowed` and lies in folder `own`."""
    for name in INCLUDE.findall(file.read_text(encoding="utf-8", errors="replace")):
        folder, slash, _ = name.partition("/")
        shown = f'{file.relative_to(root)}: #include "{name}"'
        if slash and folder in rooms:
            if folder not in allowed:
                yield f"{shown}: {own} does not know {folder}"
            elif not (root / "src" / name).is_file():
                yield f"{shown}: no such file"
        elif own == "tests" and ((root / "tests" / name).is_file() or (file.parent / name).is_file()):
            continue
        elif slash:
            yield f"{shown}: no such room"
        elif (root / "include" / name).is_file():
            continue
        elif (root / "idl" / name).with_suffix(".idl").is_file() and own != "cli":
            continue
        else:
            yield f"{shown}: not in include/ or idl/; within a room write room/file.h"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    rooms, complaints = read_rooms(root / "cmake" / "rooms.txt")
    checked = 0

    def check(folder, allowed, own):
        nonlocal checked
        for file in sorted(folder.rglob("*.[ch]")):
            checked += 1
            complaints.extend(check_file(file, rooms, allowed, own, root))

    for folder in sorted((root / "src").iterdir()):
        if folder.is_dir():
            if folder.name in rooms:
                check(folder, rooms[folder.name] | {folder.name}, folder.name)
            else:
                complaints.append(f"src/{folder.name}: not a room of cmake/rooms.txt")
    check(root / "include", set(), "include")
    for kind in ("scenario", "abi"):
        check(root / "tests" / kind, set(), "tests")
    for folder in sorted((root / "tests" / "unit").glob("*")):
        check(folder, rooms.get(folder.name, set()) | {folder.name}, "tests")
    if not checked:
        complaints.append("found no file to check")
    for complaint in complaints:
        print(complaint)
    print(f"{checked} files, {len(complaints)} complaints")
    return 1 if complaints else 0


sys.exit(main())
