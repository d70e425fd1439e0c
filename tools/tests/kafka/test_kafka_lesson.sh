#!/bin/sh
# The producer and lesson 3's program on a real Kafka: what is produced comes in, and the group's progress is the broker's.
. tools/tests/lib/tap.sh
weir=build/bin/weir
lesson=build/bin/page-views

if [ -z "${WEIR_TEST_KAFKA:-}" ]; then
    skip "the lesson reads from a real Kafka" "needs a real Kafka: make test-kafka, or WEIR_TEST_KAFKA=HOST:PORT"
    finish
    exit
fi
address=$WEIR_TEST_KAFKA
topic=clicks-$$-$(date +%s)
summary() { sed -n "s/^ *$1 *\([0-9]*\).*/\1/p" "$2"; }
produce() {
    $weir produce -b "$address" -t "$topic" --rate 0 --count "$1" --pages 20 --users 50 --time-scale 10 "$2" "$3" 2>&1
}
run() {
    CONSUMER_GROUP=$topic "$lesson" -b "$address" --topic "$topic" --slide 1m --stop-idle 2s -p 2 2>"$scratch/says" >"$1"
}

check "the producer writes to it" produce 6000 --start 1700000000000
check "the topic has the broker's number of partitions" sh -c "kcat -b $address -L -t $topic | grep -q 'with 3 partitions'"
run "$scratch/first"
check "every event that was produced comes in" test "$(summary 'events in' "$scratch/first")" = 6000
check "and is accounted for" grep -q "every event is accounted for" "$scratch/first"
check "there are results" test "$(wc -l <"$scratch/first")" -gt 30
check "more events" produce 500 --start 1700000600000
run "$scratch/second"
check "a second run of the group reads only those" test "$(summary 'events in' "$scratch/second")" = 500
check "nothing is lost by the broker" sh -c "! grep -q 'lost by the broker' $scratch/says"
check_says "a real Kafka" "weir doctor knows what it is" $weir doctor -b "$address"
finish
