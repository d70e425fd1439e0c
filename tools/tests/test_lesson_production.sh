#!/bin/sh
# Lesson 6's program: its results and alerts against a second computation in awk, its metrics against its input, and what is
# left of its results when it is killed, or stopped and started again with more subtasks.
. tools/tests/lib/tap.sh
. tools/tests/lib/clicks.sh
weir=build/bin/weir
checkout=build/bin/checkout
export LC_ALL=C

clicks=$scratch/clicks.jsonl
table=$scratch/table
$weir produce --to "$clicks" --seed 11 --start 1760000400000 --rate 0 --time-scale 10 --count 8000 --users 40 --pages 12 \
    --mix 4,3,2,3 --disorder 20s --late 0.01:3m 2>/dev/null
clicks_table "$clicks" >"$table"

# ---- sales: windows of a minute; late: the window's last millisecond is at or below the watermark

# expect BOUND: $scratch/expected and $scratch/late, for a bound of so many ms.
expect() {
    table_awk -v size=60000 -v bound="$1" 'BEGIN { wm = -1 }
        $3 == "PURCHASE" {
          start = $4 - $4 % size
          if (start + size - 1 > wm) n[$2 "\t" start]++; else late++
          if ($4 - bound - 1 > wm) wm = $4 - bound - 1 }
        END { for (k in n) { split(k, part, "\t"); printf "%s\t%d\t%.0f\t%.0f\n", part[1], n[k], part[2], part[2] + size }
              print late + 0 >"'"$scratch/late"'" }' "$table" | sort >"$scratch/expected"
}
# same NAME OPTIONS…: what the program finds is that, field by field.
same() {
    name=$1
    shift
    $checkout --input "$clicks" --checkpoint-interval 0 "$@" 2>/dev/null >"$scratch/out"
    sed -n 's/^SALES[:0-9]*> //p' "$scratch/out" | fields pageUrl purchases windowStart windowEnd | sort >"$scratch/got"
    check "$name: field by field" cmp "$scratch/expected" "$scratch/got"
    check "$name: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
}
expect 10000
same "sales" --bound 10s
check "there is something to compare" test "$(wc -l <"$scratch/expected")" -gt 100
check "there are late purchases" test "$(cat "$scratch/late")" -gt 0
check "and they are counted" grep -q "^  late  *$(cat "$scratch/late")\$" "$scratch/out"
expect 300000
same "sales of three subtasks, with a bound that loses none" --bound 5m -p 3

# ---- alerts: the simulation's clock begins at New Year 2030, so a purchase's age is known, but for a few ms

now=1893456000000
# purchases AGE…: a purchase so many ms old each.
purchases() {
    for age in "$@"; do
        echo "{\"userId\":\"ann\",\"pageUrl\":\"/p\",\"eventType\":\"PURCHASE\",\"timestamp\":$((now - age))}"
    done
}
alerts() {
    $checkout --input - --scheduler simulation --limit 1s --checkpoint-interval 0 "$@" 2>/dev/null | sed -n 's/^ALERT> //p' | fields alert lag at
}
ages=$(awk 'BEGIN { srand(5); for (i = 0; i < 400; i++) print int(rand() * 14) * 100 + (int(i / 40) % 2) * 600 + 50 }')
# shellcheck disable=SC2086  # a word an age
purchases $ages | alerts --patience 4 | cut -f 1,3 >"$scratch/got"
for age in $ages; do echo "$age"; done | awk -v now=$now '{ bad = $1 > 1000
    streak = bad != firing ? streak + 1 : 0
    if (streak == 4) { firing = bad; streak = 0; printf "%s\t%.0f\n", bad ? "FIRING" : "CLEARED", now - $1 } }' >"$scratch/expected"
check "alerts: each at its purchase" cmp "$scratch/expected" "$scratch/got"
check "there are some, of both kinds" test "$(grep -c CLEARED "$scratch/got")" -gt 3
check "one straggler among good ones wakes nobody" test -z "$(purchases 1 5000 5000 1 5000 5000 1 | alerts)"
check "an alert is said once, however long it lasts" test "$(purchases 5000 5000 5000 5000 5000 5000 5000 | alerts | wc -l)" = 1

# ---- a user whose checkout fails

status=0
$checkout --input "$clicks" --poison user_7 --restart fixed-delay:2,1ms --checkpoint-dir "$scratch/poison" >/dev/null 2>"$scratch/log" || status=$?
output=$(cat "$scratch/log")
verdict "$([ $status = 1 ] && echo 0 || echo 1)" "what fails every time fails the job" "exit status $status"
check "after as many restarts as the strategy allows" test "$(grep -c 'restart [12] of 2' "$scratch/log")" = 2
check "and the reason is said" grep -q "cannot check out user_7" "$scratch/log"

# ---- kill -9: the part files are those of a run that nothing happened to

$weir produce --to "$scratch/many.jsonl" --seed 3 --start 1760000400000 --rate 0 --time-scale 10 --count 30000 --users 60 \
    --mix 0,0,0,1 2>/dev/null
checkpoints=$scratch/checkpoints
# run OPTIONS…: the job, with a checkpoint as often as it can.
run() { $checkout --input "$clicks" --checkpoint-interval 20ms --checkpoint-dir "$checkpoints" "$@"; }
lines_of() { cat "$1"/* | sort; }
# clean N: $scratch/expected is what a run over the first N events writes, all of them purchases.
clean() {
    rm -rf "$scratch/clean"
    head -n "$1" "$scratch/many.jsonl" >"$clicks"
    $checkout --input "$clicks" --checkpoint-interval 0 --out "$scratch/clean" >/dev/null 2>&1
    lines_of "$scratch/clean" >"$scratch/expected"
}
has_checkpoint() { find "$checkpoints" -name 'chk-*[0-9]' 2>/dev/null | grep -q .; }

clean 8000
run --out "$scratch/killed" -p 2 --slow 1ms --cluster --restart fixed-delay:3,1ms >/dev/null 2>"$scratch/log" &
job=$!
# shellcheck disable=SC2016  # expanded at the end
at_end 'kill -9 $job'
check "it takes a checkpoint" wait_until has_checkpoint
check "its task manager is killed" kill -9 "$(sed -n 1p "$checkpoints/job.pid")"
status=0
wait $job || status=$?
output=$(cat "$scratch/log")
verdict $status "and another one finishes the job" "exit status $status"
check "there was one restart" test "$(grep -c 'restart [123] of 3' "$scratch/log")" = 1
lines_of "$scratch/killed" >"$scratch/got"
check "the results are those of a clean run, byte for byte" cmp "$scratch/expected" "$scratch/got"

# ---- another parallelism: stopped on one subtask, and on four, and brought to its end by two

clean 30000
rm -rf "$checkpoints"
run --out "$scratch/moved" --slow 1ms >"$scratch/out" 2>/dev/null &
job=$!
check "one subtask takes a checkpoint" wait_until has_checkpoint
from=$($weir savepoint "$checkpoints" 2>&1) || :
check "and stops with a savepoint, which is whole" $weir checkpoint verify "$from"
status=0
wait $job || status=$?
verdict $status "that is no failure" "exit status $status"
check "and the account says where the rest is" grep -q "what is missing is in the savepoint" "$scratch/out"
run --out "$scratch/moved" --slow 1ms -p 4 --from "$from" >/dev/null 2>&1 &
job=$!
check "four begin with it" wait_until test -s "$checkpoints/job.pid"
from=$($weir savepoint "$checkpoints" 2>&1) || :
check "and stop with another one" $weir checkpoint verify "$from"
wait $job || :
check "two go on from there to the end" run --out "$scratch/moved" -p 2 --from "$from"
lines_of "$scratch/moved" >"$scratch/got"
check "the results of all together are those of a clean run" cmp "$scratch/expected" "$scratch/got"

# ---- metrics of a running job

if ! pkg-config --exists libmicrohttpd; then
    skip "metrics of a running job" "libmicrohttpd is not installed"
    finish
    exit
fi
mkfifo "$scratch/says" "$scratch/events"
$checkout --input - -p 2 --rest-port 0 --checkpoint-interval 0 <"$scratch/events" >/dev/null 2>"$scratch/says" &
job=$!
# shellcheck disable=SC2016  # expanded at the end
at_end 'kill "$job"'
exec 6>"$scratch/events" 5<"$scratch/says"
while read -r line <&5; do
    case $line in *REST:\ *) break ;; esac
done
url=${line##*REST: }
head -n 500 "$clicks" >&6
# of METRIC: its sum over the subtasks, as Prometheus gets it.
of() { curl -s "$url/metrics" | awk -v name="flink_taskmanager_job_task_operator_$1" 'index($0, name "{") == 1 { sum += $NF } END { print sum + 0 }'; }
reaches() { [ "$(of "$1")" = "$2" ]; }
check "the counter reaches the number of purchases" wait_until reaches purchases 500
check "so does the histogram" wait_until reaches lag_count 500
check "the meter has a rate" test "$(of purchasesPerSecond | cut -d . -f 1)" -ge 0
check "the alert is a gauge: all these purchases are old" wait_until reaches alertIsFiring 1
exec 6>&-
status=0
wait "$job" || status=$?
verdict $status "the job ends with its input" "exit status $status"
finish
