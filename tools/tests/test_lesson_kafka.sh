#!/bin/sh
# Every lesson program on the embedded broker, with its own topic and defaults: it takes in all that was produced, ends by itself, and
# accounts for every event.
. tools/tests/lib/tap.sh
. tools/tests/lib/broker.sh
weir=build/bin/weir

start_broker --topic click-stream:3 --topic raw-events:2 --topic raw:3 --topic ExampleTopic:3
# produced MODEL OPTIONS…: 2000 events, one in a hundred malformed, some out of order, into the model's topic.
produced() {
    model=$1
    shift
    $weir produce -b "$address" --model "$model" --seed 21 --rate 0 --count 2000 --bad 0.01 "$@" 2>"$scratch/produced"
    malformed=$(awk '/^malformed/ { print $2 }' "$scratch/produced")
}
# runs PROGRAM OPTIONS…
runs() {
    program=$1
    shift
    status=0
    "build/bin/$program" -b "$address" --stop-idle 1s -p 2 "$@" >"$scratch/out" 2>"$scratch/says" || status=$?
    output=$(tail -n 3 "$scratch/says")
    check "$program ends by itself, with success" test "$status" = 0
    check "$program takes in all that was produced" test "$(sed -n 's/^events in *//p' "$scratch/out")" = 2000
    check "$program: dead letters are the malformed ones" test "$(sed -n 's/^ *dead letters *//p' "$scratch/out")" = "$malformed"
    check "$program accounts for every event" grep -q "every event is accounted for" "$scratch/out"
    check "$program has results" test "$(grep -c . "$scratch/out")" -gt 10
}

produced tutorial --users 40 --disorder 2s
for program in purchases page-views classify user-activity trending user-sessions; do
    runs $program
done
runs funnel --carts
runs checkout --checkpoint-dir "$scratch/checkpoints"
produced pages
runs open-sessions
produced weblog --disorder 5s
runs session-ids
produced shop
runs departments

# ---- results in topics

produced pages -t more-events
build/bin/open-sessions -b "$address" --topic more-events --stop-idle 1s --to sessionized-events >"$scratch/out" 2>/dev/null
kcat -b "$address" -C -t sessionized-events -e -q 2>/dev/null >"$scratch/topic"
check "sessions go to a topic, and each event is in one of them" test "$(grep -o '"eventType"' "$scratch/topic" | wc -l)" = \
    "$((2000 - malformed))"
produced weblog -t more --disorder 5s
build/bin/session-ids -b "$address" --topic more --stop-idle 1s --to sessionized >"$scratch/out" 2>/dev/null
kcat -b "$address" -C -t sessionized -e -q 2>/dev/null >"$scratch/topic"
check "each request goes to a topic with its session" test "$(grep -c '"sessionId":' "$scratch/topic")" = "$((2000 - malformed))"
stop_broker TERM
finish
