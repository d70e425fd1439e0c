#!/bin/sh
# Lesson 3's enrichment from a real Kafka, killed five times: its part files have every event once.
. tools/tests/lib/tap.sh
. tools/tests/lib/kills.sh
weir=build/bin/weir
export LC_ALL=C

if [ -z "${WEIR_TEST_KAFKA:-}" ]; then
    skip "enrichment reads from a real Kafka" "needs a real Kafka: make test-kafka, or WEIR_TEST_KAFKA=HOST:PORT"
    finish
    exit
fi
topic=clickstream-$$-$(date +%s)
produce() { $weir produce --model cart --seed 6 --start 1729630800000 --rate 0 --count 40000 --time-scale 10 --late 0 --bad 0.3 "$@" 2>&1; }
produce --to "$scratch/events" >"$scratch/says"
build/bin/enrichment --input "$scratch/events" --out "$scratch/clean" --checkpoint-dir "$scratch/chk" >"$scratch/out" 2>&1
cat "$scratch"/clean/*/part-* | sort >"$scratch/expected"
check "there is something to read" produce -b "$WEIR_TEST_KAFKA" -t "$topic"

# Dead letters on standard output hold it back.
start_killable build/bin/enrichment -b "$WEIR_TEST_KAFKA" --topic "$topic" -X "group.id=$topic" --dlq - --stop-idle 10s -p 2 \
    --out "$scratch/parts"
kill_workers 5
end_killable
verdict $status "killed $kills times, it ends by itself" "exit status $status"
find "$scratch/parts" -name 'part-*' -exec cat {} + | sort >"$scratch/got"
check "its part files have every event once" cmp "$scratch/expected" "$scratch/got"
check "and nothing is left hidden" test -z "$(find "$scratch/parts" -name '.*' -type f)"
finish
