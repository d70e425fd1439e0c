#!/bin/sh
# weir lab as a command: help, misuse, bad lines, files, prompt output, subtasks.
. tools/tests/lib/tap.sh
. tools/tests/lab/run_cases.sh

event() {
    printf '{"key":"%s","value":%s,"ts":%s}\n' "$1" "$2" "$3"
}

# ---- help and misuse: exit 2, and the flag is named

check_says "weir lab --window tumbling:3s" "help has examples" $weir lab --help
misuse() {
    check_status 2 "$1: misuse" $weir lab $2
    case $output in
    *"$3"*) verdict 0 "$1: the message says \"$3\"" ;;
    *) verdict 1 "$1: the message says \"$3\"" ;;
    esac
}
misuse "no window" "" "--window is missing"
misuse "unknown window" "--window hopping:5" "--window: expected tumbling:SIZE"
misuse "size of nothing" "--window tumbling:0" "--window tumbling:0: "
misuse "negative size" "--window tumbling:-5" "--window tumbling:-5: "
misuse "not a duration" "--window tumbling:5x" "--window: expected a duration"
misuse "duration too long" "--window tumbling:9223372036854775807d" "--window: "
misuse "offset as large as the size" "--window tumbling:5,5" "offset"
misuse "offset as large as the slide" "--window sliding:10,5,-5" "offset"
misuse "slide of nothing" "--window sliding:10,0" "slide"
misuse "gap of nothing" "--window session:0" "gap"
misuse "dynamic session without a field" "--window dynamic-session:" "--window: "
misuse "global with an argument" "--window global:5" "--window: "
misuse "unknown trigger" "--window global --trigger sometimes" "--trigger: expected event-time"
misuse "count of nothing" "--window global --trigger count:0" "--trigger: expected an integer"
misuse "interval of nothing" "--window global --trigger continuous-event-time:0" "interval"
misuse "delta that is no number" "--window global --trigger delta:nan" "--trigger: expected a number"
misuse "delta with merging windows" "--window session:5 --trigger delta:1" "delta"
misuse "event-time trigger on global windows" "--window global --trigger event-time" \
    "--window global --trigger event-time: an event-time trigger fires at a window's end"
misuse "processing-time trigger on global windows" \
    "--window global --domain processing --trigger processing-time" "a processing-time trigger fires at a window's end"
misuse "purging event-time trigger on global windows" "--window global --trigger purging:event-time" \
    "an event-time trigger fires at a window's end"
misuse "purging nothing" "--window global --trigger purging:" "--trigger: "
misuse "unknown evictor" "--window global --evictor some:1" "--evictor: expected count:N"
misuse "evictor before or after" "--window global --evictor count:1,before" "--evictor: "
misuse "negative evictor" "--window global --evictor count:-1" "--evictor: "
misuse "negative lateness" "--window tumbling:5 --allowed-lateness -1" "--allowed-lateness: expected 0 or more"
misuse "unknown aggregate" "--window tumbling:5 --aggregate median" "--aggregate: expected count"
misuse "negative bound" "--window tumbling:5 --watermark bounded:-1" "--watermark: "
misuse "unknown watermark" "--window tumbling:5 --watermark perfect" "--watermark: expected manual"
misuse "unknown domain" "--window tumbling:5 --domain ingestion" "--domain: expected event or processing"
misuse "no subtask" "--window tumbling:5 --parallelism 0" "--parallelism: expected an integer of 1 to 128"
misuse "too many subtasks" "--window tumbling:5 --parallelism 129" "--parallelism: "
misuse "unknown state" "--window tumbling:5 --state disk" "--state: expected heap or rocksdb"
misuse "unknown path" "--window tumbling:5 --path fast" "--path: expected auto, slices or general"
misuse "two files" "--window tumbling:5 a b" "one FILE at most"
check_status 1 "a file that is not there" $weir lab --window tumbling:5 "$scratch/none"
check_says "none: No such file" "… and its name" $weir lab --window tumbling:5 "$scratch/none"
check_status 1 "a trace that cannot be written" $weir lab --window tumbling:5 --trace "$scratch/none/trace"
check_status 1 "a summary that cannot be written" $weir lab --window tumbling:5 --summary "$scratch/none/summary"

# ---- bad lines

{
    event a 1 1
    echo '{"key":"a","value":"one","ts":2}'
    echo '{"key":"a","value":3,"ts":'
} >"$scratch/bad"
check "bad lines are skipped" $weir lab --window tumbling:5 --aggregate sum "$scratch/bad"
check_says 'line 2: "value": expected a number, got a string' "a bad line is told with its number" \
    $weir lab --window tumbling:5 --aggregate sum "$scratch/bad"
check_says 'line 3: column' "… and where it is no JSON" $weir lab --window tumbling:5 "$scratch/bad"
check_says '"value":1,"ts":4' "… and the rest goes on" $weir lab --window tumbling:5 --aggregate sum "$scratch/bad"
check_status 1 "--strict makes it a failure" $weir lab --window tumbling:5 --strict "$scratch/bad"
check_says 'line 2: "value": expected a number, got nothing' "missing fields" \
    sh -c "printf '%s\n' '' '{\"key\":\"a\",\"ts\":1}' | $weir lab --window tumbling:5 --aggregate avg"
printf '%s\n' '{"key":"a","ts":9223372036854775808}' '{"key":"a","ts":1,"value":1e999}' >"$scratch/large"
check_says "line 1: column 35: expected integers of 64 bits and numbers that a double holds: too big integer near '9223372036854775808'" \
    "a timestamp beyond 64 bits is told as that" $weir lab --window tumbling:5 "$scratch/large"
check_says "line 2: column 31: expected integers of 64 bits" "… and a value beyond a double" $weir lab --window tumbling:5 "$scratch/large"
check_says 'session gap' "a gap that the assigner refuses" \
    sh -c "echo '{\"key\":\"a\",\"ts\":1,\"g\":0}' | $weir lab --window dynamic-session:g"
{
    head -c 1100000 /dev/zero | tr '\0' 'x'
    echo
    event a 1 1
} >"$scratch/long"
check_says 'line 1: expected a line of at most 1 MiB' "a line without end is bounded" $weir lab --window tumbling:5 "$scratch/long"
check_says '"value":1,"ts":4' "… and the next one is read" $weir lab --window tumbling:5 "$scratch/long"
printf '{"key":"\033[2J","@\033":1}\n' >"$scratch/escape"
output=$($weir lab --window tumbling:5 "$scratch/escape" 2>&1 | LC_ALL=C tr -dc '\033')
verdict "$([ -z "$output" ] && echo 0 || echo 1)" "no escape code reaches the terminal"
# A byte order mark at the start is no part of the first line.
{
    printf '\357\273\277'
    event a 1 1
    event a 1 2
} >"$scratch/mark"
output=$($weir lab --window tumbling:5 --strict "$scratch/mark" 2>&1) && status=0 || status=$?
verdict "$status" "a byte order mark before the first line is skipped"
check_says '"value":2,"ts":4' "… and the first event counts" $weir lab --window tumbling:5 "$scratch/mark"
check_says 'line 1: column' "… once" sh -c "(printf '\357\273\277'; cat '$scratch/mark') | $weir lab --window tumbling:5"
output=$(printf '\357\273\277' | $weir lab --window tumbling:5 --strict 2>&1) && status=0 || status=$?
verdict "$status" "… and alone it is no line"

# ---- files

{
    event a 1 1
    event a 1 7
    printf '%s\n' '{"@watermark":6}'
    event a 1 2
    printf '{"key":"b","value":1,"ts":8}' # without a newline
} >"$scratch/in"
check "a summary as JSON" $weir lab --window tumbling:5 --summary "$scratch/summary" "$scratch/in"
output=$(cat "$scratch/summary")
verdict "$([ "$output" = '{"in":4,"out":1,"late_dropped":1,"late_output":0,"rejected":0,"open_windows":2,"event_timers":2,"processing_timers":0}' ] &&
    echo 0 || echo 1)" "… taken before the final watermark"
check_says '"open_windows":2' "the summary on standard output" $weir lab --window tumbling:5 --summary - "$scratch/in"
output=$($weir lab --window tumbling:5 - <"$scratch/in" 2>"$scratch/err" | wc -l)
verdict "$([ "$output" -eq 3 ] && echo 0 || echo 1)" "- is standard input; the last line needs no newline"
output=$(cat "$scratch/err")
verdict "$([ "$output" = "weir lab: at the end of the input: 4 in, 1 out, 1 late and dropped, 0 late to output, 0 rejected; open: 2 windows, 2 event timers, 0 processing timers" ] &&
    echo 0 || echo 1)" "the summary as text"

# ---- prompt: results are there while the input stays open

mkfifo "$scratch/to" "$scratch/from"
timeout 60 $weir lab --window tumbling:5 <"$scratch/to" >"$scratch/from" 2>"$scratch/err" &
lab=$!
exec 4>"$scratch/to" 5<"$scratch/from"
event a 1 1 >&4
echo '{"@watermark":4}' >&4
output=''
read -r output <&5 || :
verdict "$([ "$output" = '{"key":"a","window":{"start":0,"end":5},"value":1,"ts":4}' ] && echo 0 || echo 1)" \
    "a result is written when the input has nothing more to read"
exec 4>&- 5<&-
wait "$lab" || :

# ---- the trace

check "a trace is written" $weir lab --window tumbling:5 --watermark bounded:1 --trace "$scratch/trace" "$scratch/in"
for what in '"t":"job".*"name":"lab".*"window":"tumbling".*"size":5' '"t":"record".*"id":1,"op":1.*"from":"p0","key":"a","ts":1' \
    '"t":"record".*"id":1,"op":3' '"t":"watermark".*"op":2.*"value":5' '"t":"window".*"action":"fire".*"key":"a","start":0,"end":5' \
    '"t":"late".*"id":3' '"t":"result".*"op":4,"key":"a","ts":4,"value":"1"'; do
    output=$(grep -v "$what" "$scratch/trace" | head -n 20)
    verdict "$(grep -q "$what" "$scratch/trace" && echo 0 || echo 1)" "the trace says $what"
done

# ---- every case again: by the general path; over three subtasks, where only the order within one time may differ

for cases in tools/tests/lab/*.cases; do
    run_cases "$cases" --path general
done
SORTED=1
for cases in tools/tests/lab/*.cases; do
    run_cases "$cases" --parallelism 3
done
finish
