#!/bin/sh
# weir health: a job that runs is well, one that is gone or stands still is not.
. tools/tests/lib/tap.sh
weir=build/bin/weir

check_says "Usage: weir health" "--help says how" $weir health --help
check_status 2 "an argument too many is misuse" $weir health now
check_status 2 "so is a time that is none" $weir health --for soon

if ! pkg-config --exists libmicrohttpd libcurl 2>/dev/null; then
    skip "asking a job" "libmicrohttpd and libcurl are not both installed"
    finish
    exit
fi

mkfifo "$scratch/says" "$scratch/events"
build/bin/purchases --input - --rest-port 0 <"$scratch/events" >/dev/null 2>"$scratch/says" &
job=$!
at_end 'kill "$job"'
exec 6>"$scratch/events" 5<"$scratch/says"
while read -r line <&5; do
    case $line in *REST:\ *) break ;; esac
done
url=${line##*REST: }

# It answers a moment before it runs.
until $weir health --rest "$url" --for 0 >"$scratch/first"; do :; done
check "a job that runs is well" grep -q '^purchases: RUNNING for .*, restarts: 0$' "$scratch/first"
check "that it takes no checkpoints is said" grep -q '^checkpoints: none are taken' "$scratch/first"
$weir health --rest "$url" --for 0 --tasks >"$scratch/tasks" || :
check "its tasks are told, with what they do with their time" grep -qE '^events .* 1 +0 +0 +[0-9]+% +[0-9]+% +0% +0%$' "$scratch/tasks"
check_status 1 "one that stands still is not, where progress is wanted" $weir health --rest "$url" --for 0 --progress

$weir produce --to - --rate 500 >&6 2>/dev/null 5>&- &
producer=$!
at_end 'kill "$producer"'
until $weir health --rest "$url" --for 700ms --progress >"$scratch/moving"; do :; done
check "one whose records move is" grep -q '^records: [0-9]*, in the last 700ms: [1-9]' "$scratch/moving"

kill "$producer"
exec 6>&-
wait "$job" || :
check_status 1 "one that is gone is not" $weir health --rest "$url"
check_says "$url" "and it says where it asked" $weir health --rest "$url"
check_status 1 "what is no URL is not either" $weir health --rest nonsense

finish
