#!/bin/sh
# `make demo`: broker, producer and lesson 3, in one terminal.
#
# On a terminal it opens the visualizer on the running lesson; `q` ends all of it. Without one it prints the results of ten minutes of
# clicks, squeezed into WEIR_DEMO_SECONDS (24), and a summary that accounts for every event.
#
# Everything it starts, it stops: however it ends.
set -eu
cd "$(dirname "$0")/../.."

weir=build/bin/weir
lesson=build/bin/page-views
seconds=${WEIR_DEMO_SECONDS:-24}
minutes=10 # of event time
events=9600
start=1729620000000 # 2024-10-22T18:00:00Z: the same data in every demo
broker='' producer='' job='' address=''

scratch=$(mktemp -d)
stop() {
    # The broker last: the others still have something to say to it.
    for process in $job $producer $broker; do
        kill "$process" 2>/dev/null || :
        wait "$process" 2>/dev/null || :
    done
    rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say() { printf 'demo: %s\n' "$*" >&2; }

# start_broker HOST:PORT: waits until clients can connect; fails when the address is taken.
start_broker() {
    rm -f "$scratch/says"
    mkfifo "$scratch/says"
    $weir broker -b "$1" --topic click-stream:2 --ready-file "$scratch/ready" >"$scratch/says" 2>"$scratch/broker.log" &
    broker=$!
    if read -r _ <"$scratch/says"; then
        address=$(cat "$scratch/ready")
        return
    fi
    wait $broker || :
    broker=''
    return 1
}

# produce OPTIONS…: clicks as they come in real life, out of order, a few of them late or malformed.
produce() {
    $weir produce -b "$address" -t click-stream --pages 8 --seed 1 --disorder 10s --late 0.02:8m --bad 0.01 "$@" &
    producer=$!
}

show() {
    say "opening the visualizer; q ends the demo"
    # A second of the clock is ten of event time: slow enough to watch, fast enough to see windows fire.
    produce --rate 20 --time-scale 10 2>"$scratch/producer.log"
    $weir viz -- $lesson -b "$address" --size 1m --slide 30s --bound 15s
}

print() {
    say "$minutes minutes of clicks in $seconds s, then a summary"
    produce --start $start --count $events --rate $((events / seconds)) --time-scale $((60 * minutes / seconds)) \
        2>"$scratch/producer.log"
    # In the background, because a shell answers signals only between commands and while it waits.
    $lesson -b "$address" -p 2 --size 5m --slide 1m --bound 30s --stop-idle 3s &
    job=$!
    status=0
    wait $job || status=$?
    wait $producer || status=$?
    job='' producer=''
    say "what the producer says:"
    cat "$scratch/producer.log" >&2
    return $status
}

if ! start_broker 127.0.0.1:9092; then
    say "$(head -1 "$scratch/broker.log")"
    start_broker 127.0.0.1:0 || { cat "$scratch/broker.log" >&2; exit 1; }
fi
say "broker at $address"

if [ -t 0 ] && [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
    show
else
    print
fi
