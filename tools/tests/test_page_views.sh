#!/bin/sh
# Lesson 3's program: the same results whatever runs it, every event accounted for, from a file and from Kafka.
#
# WEIR_WEBLOG names a file of real clicks (JSON lines) to be tried too.
. tools/tests/lib/tap.sh
. tools/tests/lib/broker.sh
weir=build/bin/weir
lesson=build/bin/page-views

# run OUT OPTIONS…: results sorted, because the order of pages is nobody's promise.
run() {
    out=$scratch/$1
    shift
    "$lesson" "$@" 2>"$scratch/says" | LC_ALL=C sort >"$out"
}
summary() { sed -n "s/^ *$1 *\([0-9]*\).*/\1/p" "$2"; }

# same_everywhere NAME FILE OPTIONS…: one thread, four, and twenty orders of the simulation.
same_everywhere() {
    name=$1 file=$2
    shift 2
    run one --input "$file" -p 1 "$@"
    run four --input "$file" -p 4 "$@"
    check "$name: four threads give what one gives" cmp "$scratch/one" "$scratch/four"
    differ=''
    for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        run simulated --input "$file" -p 3 --scheduler simulation --seed $seed "$@"
        cmp -s "$scratch/one" "$scratch/simulated" || differ="$differ $seed"
    done
    output="seeds that differ:$differ"
    check "$name: so do twenty orders of the simulation" test -z "$differ"
    check "$name: there are results" test "$(wc -l <"$scratch/one")" -gt 30
    check "$name: every event is accounted for" grep -q "every event is accounted for" "$scratch/one"
}

# ---- a file

clicks=$scratch/clicks.jsonl
$weir produce --rate 0 --start 1700000000000 --count 6000 --pages 20 --users 50 --time-scale 10 --disorder 20s \
    --late 0.02:10m --bad 0.01 --to "$clicks" 2>"$scratch/produced"
same_everywhere "generated" "$clicks" --slide 1m
check "the heading comes once" test "$(grep -c '^PAGE ' "$scratch/one")" = 1
check "events in are the lines of the file" test "$(summary 'events in' "$scratch/one")" = 6000
check "dead letters are the malformed lines" test "$(summary 'dead letters' "$scratch/one")" = \
    "$(awk '/^malformed/ { print $2 }' "$scratch/produced")"
late=$(summary late "$scratch/one")
check "some events are late" test "$late" -gt 0
run lenient --input "$clicks" --slide 1m --lateness 20m
check "no event is late when windows wait long enough" test "$(summary late "$scratch/lenient")" = 0
run loose --input "$clicks" --slide 1m --bound 20m
check "or when the watermark does" test "$(summary late "$scratch/loose")" = 0
run gaps --input "$clicks" --size 10s --slide 1m
check "events between windows are accounted for" grep -q "every event is accounted for" "$scratch/gaps"
check "standard input is a file too" sh -c "$lesson --input - --slide 1m <$clicks | grep -q 'every event is accounted'"
check_status 2 "an unknown option is misuse" $lesson --sise 5m
check_status 1 "a file that is not there is a failure" $lesson --input /no/such/file
check_says "/no/such/file" "which is named" $lesson --input /no/such/file

if [ -n "${WEIR_WEBLOG:-}" ]; then
    same_everywhere "weblog" "$WEIR_WEBLOG" --size 1h --slide 30m --bound 1m
fi

# ---- Kafka

start_broker --topic click-stream:3
$weir produce -b "$address" --rate 0 --start 1700000000000 --count 6000 --pages 20 --users 50 --time-scale 10 \
    --disorder 20s --late 0.02:10m --bad 0.01 2>"$scratch/produced"
run kafka -b "$address" --slide 1m --stop-idle 1s -p 2
check "from Kafka: every event that was produced comes in" test "$(summary 'events in' "$scratch/kafka")" = 6000
check "from Kafka: every event is accounted for" grep -q "every event is accounted for" "$scratch/kafka"
check "from Kafka: there are results" test "$(wc -l <"$scratch/kafka")" -gt 30
run again -b "$address" --slide 1m --stop-idle 1s
check "a second run of the group has nothing left to read" test "$(summary 'events in' "$scratch/again")" = 0

# ---- where it begins

begin() { run begin -b "$address" --slide 1m --stop-idle 1s "$@"; }
began_with() { test "$(summary 'events in' "$scratch/begin")" = "$1"; }

begin -X scan.startup.mode=earliest-offset
check "from the beginning: all events, whatever the group has read" began_with 6000
begin -X scan.startup.mode=specific-offsets -X "scan.startup.specific-offsets=partition:0,offset:0;partition:1,offset:0;partition:2,offset:100"
check "from given offsets: those from there on" began_with 5900
for start in 1700000000000 1800000000000; do
    $weir produce -b "$address" -t two-times --rate 0 --start $start --count 50 2>/dev/null
done
begin --topic two-times -X scan.startup.mode=timestamp -X scan.startup.timestamp-millis=1800000000000
check "from a time: what was written then and later" began_with 50
check_status 2 "a time that is none is misuse" $lesson -b "$address" -X scan.startup.mode=timestamp -X scan.startup.timestamp-millis=noon
check_says 'scan.startup.timestamp-millis: expected milliseconds since 1970, such as 1760000400000, got "noon"' "which says what was expected" \
    echo "$output"
check_status 2 "and so is a mode that there is not, before a broker is looked for" $lesson -b 127.0.0.1:1 -X scan.startup.mode=noon
check_says 'scan.startup.mode: expected group-offsets, earliest-offset,' "which are named" echo "$output"
check_status 2 "and a client property that there is not" $lesson -b 127.0.0.1:1 -X no.such=1
check_says 'no.such: No such configuration property' "which is told" echo "$output"

# Fault 14: an event from the year 9999 is counted, but does not make everything else late.
$weir produce -b "$address" -t future --rate 0 --start 253402300799000 --count 1 --mix 1,0,0,0 2>/dev/null
$weir produce -b "$address" -t future --rate 0 --count 500 2>/dev/null
run future -b "$address" --topic future --slide 1m --stop-idle 1s
check "an event from the future silences nothing" test "$(summary late "$scratch/future")" = 0
check "and is counted itself" test "$(summary 'events in' "$scratch/future")" = 501
check_says "every event is accounted for" "with all others" cat "$scratch/future"
stop_broker TERM
check_status 1 "without a broker it fails" $lesson -b 127.0.0.1:1
check_says "no Kafka broker answered at 127.0.0.1:1" "and says what it tried" echo "$output"
check_says "build/bin/weir broker" "and how to start one" echo "$output"
finish
