# Sourced by the scripts in tools/: where things lie, and how Wine is run without touching the
# user's own prefix. Defines functions and variables only.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

# The 64-bit loader itself, where Debian puts it: its `wine` script complains about a missing
# 32-bit Wine, which the wow64 libraries below replace.
wine_loader=wine
for wine_candidate in /usr/lib/wine/wine64 wine64
do
    if command -v "$wine_candidate" >/dev/null 2>&1
    then
        wine_loader=$wine_candidate
        break
    fi
done

# wine_env PREFIX: everything that a Wine process needs to know, exported.
wine_env()
{
    export WINEPREFIX=$1
    export WINEARCH=win64
    export WINEDEBUG=${WINEDEBUG--all}
    export WINEDLLPATH=$build/wine32/usr/lib/i386-linux-gnu/wine
    export WINEDLLOVERRIDES="vssapi=n,b;winedbg.exe=d;winemenubuilder.exe=d;mscoree=d;mshtml=d"
    # Wine's spelling for TEMP and TMP of its processes; make_prefix removes the registry's, which
    # would win.
    export WINETEMP='C:\windows\temp' WINETMP='C:\windows\temp'
    # In a locale that is not UTF-8, as a bare container has it, Wine knows only ASCII names of files.
    export LC_ALL=C.UTF-8
    # A window nobody sees would only slow things down or hang.
    unset DISPLAY WAYLAND_DISPLAY WINELOADER WINESERVER
}

# wine_server ARGS...: the wineserver of the current prefix. Debian's `wineserver` is a script that adds
# options of its own.
wine_server()
{
    local server=wineserver
    [ ! -x /usr/lib/wine/wineserver64 ] || server=/usr/lib/wine/wineserver64
    "$server" "$@" >/dev/null 2>&1 </dev/null
}

# make_prefix DIR: a fresh prefix that says it is Windows 10, runs 64- and 32-bit programs, and has
# no way into the home folder of whoever runs it.
make_prefix()
{
    local link
    mkdir -p "$1"
    wine_env "$1"
    "$wine_loader" wineboot -u >/dev/null 2>&1 </dev/null || die "wineboot failed in $1"
    cat >"$1/drive_c/setup.reg" <<'REG'
REGEDIT4

[HKEY_CURRENT_USER\Software\Wine]
"Version"="win10"

[HKEY_CURRENT_USER\Software\Wine\DllOverrides]
"vssapi"="native,builtin"
"winedbg.exe"=""

[HKEY_CURRENT_USER\Environment]
"TEMP"=-
"TMP"=-

[HKEY_LOCAL_MACHINE\System\CurrentControlSet\Control\Session Manager\Environment]
"TEMP"=-
"TMP"=-
REG
    "$wine_loader" regedit /S 'C:\setup.reg' >/dev/null 2>&1 </dev/null || die "cannot set up $1"
    rm "$1/drive_c/setup.reg"
    # Wine links Documents, Desktop, ... to the real ones: a copy of C: would copy those as well.
    find "$1/drive_c/users" -type l | while IFS= read -r link
    do
        rm "$link"
        mkdir "$link"
    done
    wine_server -w || true
    touch "$1/.ready"
}

# need_prefix DIR: make_prefix, unless it is there; safe when several processes ask at once.
need_prefix()
{
    wine_env "$1"
    [ -e "$1/.ready" ] && return
    mkdir -p "$build"
    (
        flock 9
        if [ ! -e "$1/.ready" ]
        then
            say "making the Wine prefix $1"
            rm -rf "$1"
            make_prefix "$1"
        fi
    ) 9>"$build/${1##*/}.lock"
}

# keep_session: starts the current prefix's Wine session and holds it open with a process that waits for
# ever. Otherwise each test that finds nobody there starts services and drivers anew, and one that comes while
# they are just ending runs without: then volumes have no names and drives cannot be defined.
# wine_server -k ends it.
keep_session()
{
    local pipe try
    wine_server -k || true
    wine_server -w || true
    wine_server -p
    pipe=$WINEPREFIX/session.pipe
    rm -f "$pipe"
    mkfifo "$pipe"
    exec 8<>"$pipe"
    "$wine_loader" cmd <"$pipe" >/dev/null 2>&1 8>&- &
    # The mount manager makes this key when it is ready; it does not outlive the server.
    for try in $(seq 120)
    do
        if "$wine_loader" reg query 'HKLM\System\MountedDevices' >/dev/null 2>&1 </dev/null 8>&-
        then
            return
        fi
        sleep 0.5
    done
    die "Wine's mount manager does not start in $WINEPREFIX"
}
