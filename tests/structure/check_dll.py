#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Looks at a finished vssapi.dll: check_dll.py DLL TRIPLE THAWLINE_H.

It imports from system DLLs only, may be placed anywhere in memory, says what it is, and exports all
that mingw-w64's own import library offers, the ordinals of the VSS SDK 7.2, and thawline.h.
"""
import pathlib
import re
import subprocess
import sys

SYSTEM_DLLS = {
    "kernel32.dll", "ntdll.dll", "ole32.dll", "oleaut32.dll", "advapi32.dll", "rpcrt4.dll",
    "msvcrt.dll", "shell32.dll", "user32.dll",
}
# Spec, writer side 1.1.
ORDINALS = {
    "SimulateSnapshotFreeze": 3, "SimulateSnapshotThaw": 4, "IsVolumeSnapshotted": 5,
    "VssFreeSnapshotProperties": 6, "ShouldBlockRevert": 7,
}
PRIVATE = {"DllGetClassObject", "DllCanUnloadNow"}
VERSION_TEXTS = {
    "FileDescription": "Thawline - open Volume Shadow Copy Service API",
    "ProductName": "Thawline",
    "OriginalFilename": "vssapi.dll",
    "LegalCopyright": "MIT",
}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def library_names(triple):
    """What mingw-w64's libvssapi.a lets a program import, undecorated as the DLL exports it."""
    library = output(f"{triple}-gcc", "-print-file-name=libvssapi.a").strip()
    names = set()
    for line in output(f"{triple}-nm", library).splitlines():
        match = re.search(r" I __imp_(.+)$", line)
        if match:
            name = match.group(1)
            if not name.startswith("?"):
                name = re.sub(r"@\d+$", "", name.removeprefix("_") if "i686" in triple else name)
            names.add(name)
    return names


def exports(dump):
    """{name: ordinal} of the DLL."""
    base = int(re.search(r"Ordinal Base\s+(\d+)", dump).group(1))
    table = dump.split("[Ordinal/Name Pointer] Table", 1)[1].split("\n\n", 1)[0]
    return {name: base + int(index) for index, name in re.findall(r"\[\s*(\d+)\] (\S+)", table)}


def main():
    dll, triple, header = sys.argv[1:4]
    if not pathlib.Path(dll).is_file():
        print(f"{dll} has not been built")
        return 1
    dump = output(f"{triple}-objdump", "-p", dll)
    raw = pathlib.Path(dll).read_bytes()
    complaints = []

    imported = set(re.findall(r"DLL Name: (\S+)", dump))
    for name in sorted(imported, key=str.lower):
        if name.lower() not in SYSTEM_DLLS:
            complaints.append(f"imports from {name}")

    flags = ["DYNAMIC_BASE", "NX_COMPAT"] + (["HIGH_ENTROPY_VA"] if "x86_64" in triple else [])
    for flag in flags:
        if not re.search(rf"^\s+{flag}$", dump, re.MULTILINE):
            complaints.append(f"lacks {flag}")
    # An image without relocations stays where it is, whatever the flag says.
    if not re.search(r"Base Relocation Directory", dump) or ".reloc" not in dump:
        complaints.append("has no relocations")

    for key, text in VERSION_TEXTS.items():
        at = raw.find(f"{key}\0".encode("utf-16-le"))
        if at < 0 or f"{text}\0".encode("utf-16-le") not in raw[at:at + 400]:
            complaints.append(f"its VERSIONINFO does not say {key} = {text}")

    exported = exports(dump)
    wanted = library_names(triple)
    ours = set(re.findall(r"\bTHAWLINE_API\s+(Thawline\w+)\(", pathlib.Path(header).read_text()))
    if len(wanted) < 80 or not ours:
        complaints.append(f"cannot tell what to expect: {len(wanted)} and {len(ours)} names")
    for name in sorted((wanted | ours | PRIVATE | set(ORDINALS)) - set(exported)):
        complaints.append(f"does not export {name}")
    for name in sorted(set(exported) - wanted - ours - PRIVATE - set(ORDINALS)):
        complaints.append(f"exports {name}, which nobody asked for")
    for name, ordinal in ORDINALS.items():
        if exported.get(name, ordinal) != ordinal:
            complaints.append(f"exports {name} as {exported[name]}, not as {ordinal}")

    for complaint in complaints:
        print(f"{dll} {complaint}")
    print(f"{len(exported)} exports, {len(imported)} DLLs imported, {len(complaints)} complaints")
    return 1 if complaints else 0


sys.exit(main())
