#!/bin/sh
# Lesson 6's comparison: the same results event by event and a batch at a time, and a line on what each cost. (How long
# an event waits, to the millisecond: lib/tests/test_runtime_micro_batch.c, under a clock that stands still.)
. tools/tests/lib/tap.sh

check "both ways come to an end" sh -c 'build/bin/batch-or-stream --clicks 600 --batch 200ms -p 2 >"$1"' - "$scratch/table"
check "with the same results" grep -qx "the results are the same" "$scratch/table"
check "each click has a result, event by event" grep -Eq "^each as it comes +600( +[0-9]+){5} " "$scratch/table"
check "and in batches" grep -Eq "^batches of 200ms +600( +[0-9]+){5} " "$scratch/table"
check "the help is that of one run" test "$(build/bin/batch-or-stream --help | grep -c '^Usage:')" = 1
check_status 2 "a mistake exits 2" build/bin/batch-or-stream --batch never
check "and is said once" test "$(printf '%s\n' "$output" | wc -l)" = 1
finish
