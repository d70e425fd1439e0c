#!/bin/sh
# make demo without a terminal: results, a summary that holds, and no process left behind.
. tools/tests/lib/tap.sh

# Processes of a demo know it by its scratch directory or by the broker's address.
left_over() {
    cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' >"$scratch/processes"
    grep -aoF -e "$scratch" -e "-b $1" "$scratch/processes"
}
address() { sed -n 's/^demo: broker at //p' "$scratch/says"; }

export TMPDIR="$scratch" WEIR_DEMO_SECONDS=6
status=0
tools/demo/demo.sh </dev/null >"$scratch/results" 2>"$scratch/says" || status=$?
output=$(cat "$scratch/says")
check "it ends with status 0" test $status = 0
rows=$(grep -c -E '^/[^ ]+ +[0-2][0-9]:[0-5][0-9]:[0-5][0-9]–[0-2][0-9]:[0-5][0-9]:[0-5][0-9] +[0-9]+ +[0-9]+$' "$scratch/results")
check "at least twenty results, with page, window, count and users" test "$rows" -ge 20
check "and not too many to read" test "$rows" -le 200
check "under a heading" sh -c "head -1 $scratch/results | grep -q '^PAGE .*WINDOW .*VIEWS .*USERS$'"
check "all lines of results are equally wide" sh -c "grep '^/' $scratch/results | awk '{ print length }' | sort -u | wc -l | grep -q '^ *1$'"
check "every event is accounted for" grep -q "every event is accounted for" "$scratch/results"
check "and all that was produced came in" grep -q "^events in *9600$" "$scratch/results"
check "some were late" grep -q -E "^  late +[1-9]" "$scratch/results"
check "some were dead letters" grep -q -E "^  dead letters +[1-9]" "$scratch/results"
check_status 1 "no process is left" left_over "$(address)"

mkfifo "$scratch/watched"
WEIR_DEMO_SECONDS=100 # the first window fires in its middle; the signal must not wait for its end
tools/demo/demo.sh </dev/null >"$scratch/watched" 2>"$scratch/says" &
demo=$!
exec 3<"$scratch/watched"
read -r _ <&3
kill -TERM $demo
status=0
wait $demo || status=$?
check "SIGTERM in its middle ends it" test $status = 143
check_status 1 "and leaves no process" left_over "$(address)"
finish
