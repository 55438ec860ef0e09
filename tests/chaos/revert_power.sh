#!/usr/bin/env bash
# Reverts in whose middle all of Wine dies, its server first, as in a power cut that the host's disk
# outlives: revert_power.sh REVERT_HOST.EXE. In a prefix of its own, which is removed afterwards.
set -euo pipefail
. "$(dirname "$0")/../../tools/lib.sh"

[ $# = 1 ] || die "usage: revert_power.sh REVERT_HOST.EXE"
exe=$(realpath "$1")
prefix=$build/prefix-run-power-$$
# The revert that stands in its middle.
held=
# What sleeps does not notice that its server is gone.
end_held()
{
    [ -n "$held" ] || return 0
    kill -9 "$held" 2>/dev/null || true
    wait "$held" 2>/dev/null || true
    held=
}
clean_up()
{
    trap - EXIT INT TERM
    end_held
    WINEPREFIX=$prefix wine_server -k || true
    WINEPREFIX=$prefix wine_server -w || true
    rm -rf "$prefix"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
make_prefix "$prefix"
wine_env "$prefix"
export THAWLINE_SCOPE=power-$$
volume=$prefix/volume
ln -s "$volume" "$prefix/dosdevices/r:"

# wait_for LINE FILE: until the file has the line.
wait_for()
{
    local try
    for try in $(seq 1200)
    do
        ! grep -q "^$1" "$2" || return 0
        sleep 0.1
    done
    die "the revert did not get to its middle"
}

# die_at OPERATION PASS EXPECTED: kills Wine while the revert stands before the operation's pass, starts
# anew, and asks.
die_at()
{
    local id status=0
    rm -rf "$volume"
    mkdir "$volume"
    keep_session
    "$wine_loader" "$exe" begin "$1" "$2" >"$prefix/said" 2>"$prefix/log" </dev/null &
    held=$!
    wait_for "held up" "$prefix/said"
    id=$(head -1 "$prefix/said" | tr -d '\r\n')
    wine_server -k9
    end_held
    wine_server -w || true
    keep_session
    "$wine_loader" "$exe" finish "$id" >"$prefix/log" 2>&1 </dev/null || status=$?
    if [ "$status" != "$3" ]
    then
        cat "$prefix/log" >&2
        die "$1, pass $2: $status instead of $3"
    fi
    echo "$1, pass $2: $(tr -d '\r' <"$prefix/log" | tail -1)"
}

#      before this       pass   how it ends
die_at revert-stage      4      10
die_at revert-delete     3      0
die_at revert-put        5      0
die_at revert-put        14     0
die_at revert-delete-old 1      0
