#!/bin/sh
# weir viz on a program that runs: attached, recorded, ended with it; and without a terminal.
. tools/tests/lib/tap.sh
weir=build/bin/weir
LC_ALL=C.UTF-8
export LC_ALL

cat >"$scratch/events.jsonl" <<'END'
{"key":"a","value":1,"ts":1000}
{"key":"a","value":1,"ts":4000}
{"@watermark":9999}
{"key":"a","value":1,"ts":12000}
END
mkdir "$scratch/tmp"
TMPDIR=$scratch/tmp
export TMPDIR
lab="$weir lab --window tumbling:10s"
said() { grep -q "$1" "$scratch/said"; }

# shellcheck disable=SC2086  # words
$weir viz --record "$scratch/live.jsonl" -- $lab "$scratch/events.jsonl" >"$scratch/lines" 2>"$scratch/said" </dev/null
check "a program is started, and its trace told in lines" grep -q "FIRE .*\[0,10) of a FIRES: n=2" "$scratch/lines"
check "the recording is kept, and said" said "weir viz $scratch/live.jsonl"
check "so is what the program printed" said '"window":{"start":0,"end":10000}'
# shellcheck disable=SC2086
$lab --trace "$scratch/direct.jsonl" "$scratch/events.jsonl" >"$scratch/out" 2>&1
strip() { sed 's/"at":[0-9]*/"at":0/' "$1" >"$1.stripped"; }
same_trace() {
    strip "$scratch/live.jsonl"
    strip "$scratch/direct.jsonl"
    diff "$scratch/live.jsonl.stripped" "$scratch/direct.jsonl.stripped"
}
check "a live trace and a recorded one are the same lines" same_trace

check_status 1 "a program that fails makes viz fail" $weir viz --plain -- $weir lab --window nonsense
check_says "window" "and says what the program said" $weir viz --plain -- $weir lab --window nonsense
rm -rf "${TMPDIR:?}"/*
check_status 1 "a program that does not exist is a failure" $weir viz -- "$scratch/nothing"
check "that leaves no files" test -z "$(ls "$TMPDIR")"

# A program that waits for input: a signal to viz ends both.
mkfifo "$scratch/pipe"
# shellcheck disable=SC2086
$weir viz --plain -- $lab "$scratch/pipe" >"$scratch/lines" 2>"$scratch/said" </dev/null &
viz=$!
at_end "kill $viz"
exec 3>"$scratch/pipe"
cat "$scratch/events.jsonl" >&3
check "lines come while the program runs" wait_until grep -q FIRES "$scratch/lines"
program=$(ps -o pid= --ppid $viz | head -1)
kill -TERM $viz
status=0
wait $viz || status=$?
check "SIGTERM ends viz with 143" test "$status" = 143
gone() { ! kill -0 "$program" 2>/dev/null; }
check "and the program with it" gone
exec 3>&-

# By hand: --listen here, --trace there.
$weir viz --plain --listen "$scratch/socket" >"$scratch/lines" 2>"$scratch/said" </dev/null &
viz=$!
check "--listen makes a socket" wait_until test -S "$scratch/socket"
# shellcheck disable=SC2086
$lab --trace "unix:$scratch/socket" "$scratch/events.jsonl" >/dev/null 2>&1
status=0
wait $viz || status=$?
check "--listen shows a job that connects" grep -q "FIRES: n=2" "$scratch/lines"
check "and removes its socket" test ! -e "$scratch/socket"

# shellcheck disable=SC2086
piped() { $lab --trace - "$scratch/events.jsonl" 2>/dev/null | $weir viz - | grep -c FIRES; }
check_says 2 "a trace on standard input; other lines in it are skipped" piped
closed() { $weir viz --plain "$scratch/direct.jsonl" | head -1; }
check_says JOB "a reader that has seen enough is no failure" closed

check_status 2 "no trace is misuse" $weir viz
check_status 2 "two traces are misuse" $weir viz a b
check_status 2 "an unknown speed is misuse" $weir viz --speed 3x "$scratch/direct.jsonl"
check_status 2 "an unknown key in a script is misuse" $weir viz --script '{NOPE}' "$scratch/direct.jsonl"
check_status 1 "a trace that is not there is a failure" $weir viz "$scratch/none.jsonl"
check_says "cannot read the trace: No such file" "and says why" $weir viz "$scratch/none.jsonl"
check_status 0 "help" $weir viz --help
finish
