#!/bin/sh
# weir produce: the same bytes from the same seed, disorder and lateness within their bounds, malformed events, clean ends.
. tools/tests/lib/tap.sh
. tools/tests/lib/broker.sh
weir=build/bin/weir
fixed="--rate 0 --start 1700000000000"

# produce FILE OPTIONS…
produce() {
    file=$scratch/$1
    shift
    # shellcheck disable=SC2086
    $weir produce $fixed --to "$file" "$@" 2>"$scratch/says"
}
lines() { wc -l <"$scratch/$1" | tr -d ' '; }

# How far each event is behind the latest before it, in ms: the largest, and how many are behind by more than $2.
lag() {
    awk -F '"timestamp":' -v bound="$2" '{ t = $2 + 0; if (t > max) max = t; else if (max - t > most) most = max - t
        if (max - t > bound) over++ } END { printf "%d %d\n", most, over }' "$scratch/$1"
}

# ---- the same bytes

trouble() { produce "$1" --seed "$2" --count 5000 --disorder 10s --late 0.02:2m --bad 0.05; }
trouble a 7
trouble b 7
trouble c 8
check "the same seed gives the same bytes" cmp "$scratch/a" "$scratch/b"
check_status 1 "another seed gives others" cmp -s "$scratch/a" "$scratch/c"
check "as many lines as --count says" test "$(lines a)" = 5000
check_says "sent              5000" "and the summary says so" cat "$scratch/says"

# ---- order

produce ordered --count 1000
check "without --disorder events are in order" test "$(lag ordered 0)" = "0 0"
produce disordered --count 20000 --disorder 10s
read -r most over <<EOF
$(lag disordered 10000)
EOF
output="$most ms, $over over"
check "disorder stays within its bound" test "$over" = 0
check "and comes near it" test "$most" -gt 8000
produce late --count 20000 --disorder 10s --late 0.01:1m
read -r most over <<EOF
$(lag late 10000)
EOF
output="$most ms, $over over"
check "about one in a hundred is late" test "$over" -gt 120 -a "$over" -lt 280
check "by at most what --late says" test "$most" -le 70000
check_says "late$(printf '%18d' "$over")" "the summary counts what is really late" cat "$scratch/says"

# ---- what is in them

produce bad --count 10000 --bad 0.1
check "malformed events keep their lines" test "$(lines bad)" = 10000
wrong=$(grep -c '"timestamp":"yesterday"' "$scratch/bad")
output=$(cat "$scratch/says")
check_says "wrong type $wrong" "each kind is counted: wrong type" cat "$scratch/says"
check_says "not JSON $(grep -c '^GET ' "$scratch/bad")" "not JSON" cat "$scratch/says"
check_says "invalid UTF-8 $(LC_ALL=C grep -a -c "$(printf '\377\376')" "$scratch/bad")" "invalid UTF-8" cat "$scratch/says"
check_says "truncated $(LC_ALL=C grep -a '^{' "$scratch/bad" | LC_ALL=C grep -a -v -c '}$')" "truncated" cat "$scratch/says"
check "about a tenth is malformed" awk '/^malformed/ { exit !($2 > 850 && $2 < 1150) }' "$scratch/says"
produce few --count 1000 --users 2 --pages 3 --mix 0,0,0,1
check "--users, --pages and --mix narrow the events" sh -c "! grep -v -E '\"userId\":\"user_[12]\",\"pageUrl\":\"/(home|products|search)\",\"eventType\":\"PURCHASE\"' '$scratch/few'"
produce fast --count 101 --time-scale 60
check "event time runs at the scale: a minute for a hundred events" grep -q '"timestamp":1700000060000' "$scratch/fast"

# ---- ends

check "rate times duration gives the count" sh -c "test \$($weir produce --rate 1000 --duration 300ms --to - 2>/dev/null | wc -l) = 300"
check "a reader that goes away ends it without an error" sh -c "($weir produce --rate 0 --count 1000000 --to -; echo \$? >$scratch/status) 2>/dev/null | head -1; test \$(cat $scratch/status) = 0"
check_status 1 "a file that cannot be created is a failure" $weir produce --to /no/such/directory/file
check_status 1 "a full disk is a failure" $weir produce --rate 0 --count 100000 --to /dev/full
mkfifo "$scratch/events"
$weir produce --rate 50 --to "$scratch/events" 2>"$scratch/says" &
producer=$!
exec 4<"$scratch/events"
read -r _ <&4
kill -INT $producer
status=0
wait $producer || status=$?
check "Ctrl-C ends it with status 130" test $status = 130
check_says "sent " "and a summary" cat "$scratch/says"

# ---- Kafka

start_broker --topic click-stream:2
check "events go to Kafka" $weir produce -b "$address" --rate 0 --count 500 --bad 0.1
if command -v kcat >/dev/null; then
    check "all of them" sh -c "test \$(kcat -q -C -b $address -t click-stream -e -f 'x\n' | wc -l) = 500"
    check "keyed by user" sh -c "kcat -q -C -b $address -t click-stream -e -f '%k %s\n' | grep -q '^user_329 {\"userId\":\"user_329\"'"
    check "--partitions-by none has no key" $weir produce -b "$address" -t unkeyed --rate 0 --count 10 --partitions-by none
    check "at all" sh -c "test \$(kcat -q -C -b $address -t unkeyed -e -f '%K\n' | sort -u) = -1"
else
    skip "what is in Kafka" "kcat is not installed"
fi
check_status 2 "-X without a value is misuse" $weir produce -b "$address" -X no.such --count 1
check_status 1 "an unknown client property is a failure" $weir produce -b "$address" -X no.such=1 --count 1
check_says "No such configuration property" "which says so" $weir produce -b "$address" -X no.such=1 --count 1
stop_broker TERM
check_status 1 "without a broker it fails" $weir produce -b 127.0.0.1:1
check_says "no Kafka broker answered at 127.0.0.1:1" "and says what it tried" echo "$output"
check_says "build/bin/weir broker" "and how to start one" echo "$output"

# ---- misuse

for wrong in "--rate -1" "--rate fast" "--duration soon" "--count 0" "--late 2" "--late 0.1:x" "--bad 1.1" "--mix 1,2,3" \
    "--mix 0,0,0,0" "--pages 101" "--users 0" "--model markov" "--partitions-by colour" "--start yesterday" "stray"; do
    # shellcheck disable=SC2086
    check_status 2 "$wrong is misuse" $weir produce $wrong --to /dev/null
done
finish
