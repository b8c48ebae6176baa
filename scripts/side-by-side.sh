# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the comparisons of servers share; sourced, after prerequisites.sh, at the top of the repository. $work is a directory,
# and $pids the processes, that go when the script ends.

work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
gcc -O2 -o "$work/body_load" microbench/src/main/c/body_load.c

listens() {
    (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# await_server NAME PID PORT LOG
await_server() {
    until listens "$3"; do
        kill -0 "$2" 2>/dev/null || fail "$1 ended: $(head -5 "$4")"
        sleep 0.2
    done
}
