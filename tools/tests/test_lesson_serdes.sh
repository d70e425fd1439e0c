#!/bin/sh
# Lesson 2's programs: disorder against a second computation in awk, from a file and from Kafka; steps against what the generator wrote as
# JSON with the same seed, with other people's schemas and unreadable messages among them.
. tools/tests/lib/tap.sh
. tools/tests/lib/broker.sh
. tools/tests/lib/clicks.sh
weir=build/bin/weir
disorder=build/bin/disorder
export LC_ALL=C

# ---- disorder

clicks=$scratch/clicks.jsonl
trouble="--seed 12 --start 1760000400000 --rate 0 --time-scale 10 --count 5000 --users 40 --disorder 20s --late 0.02:3m"
# shellcheck disable=SC2086  # words of $trouble
$weir produce --to "$clicks" $trouble 2>/dev/null
# A line a bound: how many events are more than it behind the latest before them; then the most that any is.
fields timestamp <"$clicks" | table_awk '
    BEGIN { n = split("0 500 1000 2000 5000 10000 20000 30000 60000 120000 300000 600000", bound, " ") }
    { behind = NR > 1 && latest > $1 ? latest - $1 : 0
      if (NR == 1 || $1 > latest) latest = $1
      if (behind > most) most = behind
      for (i = 1; i <= n; i++) if (behind > bound[i]) count[i]++ }
    END { for (i = 1; i <= n; i++) { printf "%.1fs %d\n", bound[i] / 1000, count[i]; if (count[i] == 0) break }
        printf "%.3fs\n", most / 1000 }' >"$scratch/expected"
check "some events are more than 20 s behind" test "$(sed -n 's/^20.0s //p' "$scratch/expected")" -gt 20
# table: the same lines, of the program's output
table() { sed -n -e 's/^ *\([0-9.]*s\) *\([0-9]*\) .*%.*/\1 \2/p' -e 's/^no event needs more than //p' "$scratch/out"; }
for p in 1 3; do
    $disorder --input "$clicks" -p $p >"$scratch/out" 2>&1
    table >"$scratch/got"
    check "parallelism $p: as many are behind as awk finds" cmp "$scratch/expected" "$scratch/got"
    check "parallelism $p: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
done

# click TIMESTAMP…
click() { for at in "$@"; do echo "{\"userId\":\"a\",\"pageUrl\":\"/\",\"eventType\":\"VIEW\",\"timestamp\":$at}"; done; }
needs() { $disorder --input - "$@" 2>/dev/null | sed -n -e 's/^no event needs more than //p' -e 's/^for .* events//p' | tr '\n' ' '; }
check "equal times are in order" test "$(click 1000 1000 1000 | needs)" = "0.000s : --bound 0ms "
check "a millisecond is measured" test "$(click 1000 999 1000 | needs --keep 100)" = "0.001s : --bound 500ms "
check "a bound that is just enough is enough" test "$(click 9000 8500 | needs --keep 100)" = "0.500s : --bound 500ms "
check "a millisecond more needs the next" test "$(click 9000 8499 | needs --keep 100)" = "0.501s : --bound 1000ms "
check "half of the events may be behind" test "$(click 9000 1 | needs --keep 50)" = "8.999s : --bound 0ms "
check "but not more than half" test "$(click 9000 1 1 | needs --keep 50)" = "8.999s : --bound 10000ms "
check "more than any of them can be needed" test "$(click 9000000 1 | needs)" = "8999.999s  none of these is enough "
check "by the time of arrival nothing is late" test "$(click 9000 1 1 | needs --ingestion)" = "0.000s : --bound 0ms "
check "without events there is no table" test "$(needs)" = ""

start_broker --topic click-stream:3 --topic ExampleTopic:2
# shellcheck disable=SC2086
$weir produce -b "$address" $trouble --bad 0.01 2>"$scratch/produced"
malformed=$(awk '/^malformed/ { print $2 }' "$scratch/produced")
$disorder -b "$address" --stop-idle 1s --dead-letters kafka:unreadable >"$scratch/out" 2>/dev/null
check "from Kafka: all are taken in" grep -qx "events in *5000" "$scratch/out"
check "from Kafka: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
kcat -b "$address" -C -t unreadable -e -q 2>/dev/null >"$scratch/letters"
check "each malformed event is a letter in the topic" test "$(grep -c '"reason":' "$scratch/letters")" = "$malformed"
# A partition's latest is never later than the latest of all, so nothing needs more than it did in the order of the file.
most() { sed -n 's/^no event needs more than \([0-9.]*\)s$/\1/p' "$1"; }
$weir produce --to "$scratch/same.jsonl" $trouble --bad 0.01 2>/dev/null
$disorder --input "$scratch/same.jsonl" --dead-letters "$scratch/dead" >"$scratch/all" 2>/dev/null
check "partitions are watched each by itself" test "$(echo "$(most "$scratch/out") $(most "$scratch/all")" | awk '{ print ($1 > 0 && $1 <= $2) }')" = 1

# ---- steps

if ! pkg-config --exists libmicrohttpd libcurl 2>/dev/null || ! command -v curl >/dev/null; then
    skip "steps" "libmicrohttpd, libcurl and curl are not all installed"
    stop_broker TERM
    finish
    exit
fi
mkfifo "$scratch/registry-says"
$weir registry --port 0 --ready-file "$scratch/ready" >"$scratch/registry-says" &
registry=$!
at_end 'kill "$registry" "$broker"'
trap 'eval "$last_things" || :; rm -rf "$scratch"' EXIT # start_broker set its own
exec 5<"$scratch/registry-says"
read -r _ <&5
url=$(cat "$scratch/ready")
shop="--model shop --seed 12 --start 1760000400000 --rate 0 --count 2000"
# shellcheck disable=SC2086
$weir produce -b "$address" $shop --format avro --registry "$url" 2>/dev/null
# shellcheck disable=SC2086
$weir produce --to "$scratch/shop.jsonl" $shop 2>/dev/null
fields eventtimestamp event_type userid <"$scratch/shop.jsonl" |
    awk -F'\t' '{ printf "{\"userid\":%s,\"page\":\"%s\",\"country\":\"unknown\",\"eventtimestamp\":%s}\n", $3, $2, $1 }' |
    sort >"$scratch/expected"
# Four that cannot be read: no frame, nothing, an id that nobody registered, and a frame that ends too soon.
echo 'not avro' | kcat -P -b "$address" -t ExampleTopic -p 0
echo '' | kcat -P -b "$address" -t ExampleTopic -p 0 -D '|'
printf '\000\000\000\000\143abc' >"$scratch/unknown"
printf '\000\000\000\000\001\002' >"$scratch/short"
kcat -P -b "$address" -t ExampleTopic -p 1 "$scratch/unknown" "$scratch/short"
steps() { build/bin/steps -b "$address" --registry "$url" --stop-idle 1s "$@" >"$scratch/out" 2>"$scratch/says"; }
steps --to Steps
output=$(cat "$scratch/says")
sed -n 's/^STEP> //p' "$scratch/out" | sort >"$scratch/got"
check "all are read: renamed, widened, with a default, the rest skipped" cmp "$scratch/expected" "$scratch/got"
check "four dead letters" test "$(grep -c '^DEAD-LETTER> ' "$scratch/out")" = 4
check "and the account adds up" grep -qx "events in *2004" "$scratch/out"
check "with a tick" grep -q "every event is accounted for" "$scratch/out"
steps
check "the group does not read them again" grep -qx "events in *0" "$scratch/out"
CONSUMER_GROUP=others steps -p 2
sed -n 's/^STEP:[12]> //p' "$scratch/out" | sort >"$scratch/got"
check "another group does, on two subtasks too" cmp "$scratch/expected" "$scratch/got"
CONSUMER_GROUP=mine steps --topic Steps
sed -n 's/^STEP> //p' "$scratch/out" | sort >"$scratch/got"
check "what was written is read with its own schema" cmp "$scratch/expected" "$scratch/got"
curl -s "$url/subjects/Taken-value/versions" -d '{"schema":"{\"type\":\"record\",\"name\":\"ClickEvent\",\"fields\":[{\"name\":\"userid\",\"type\":\"string\"}]}"}' >"$scratch/answer"
check_status 1 "a schema that the registry refuses is a failure" build/bin/steps -b "$address" --registry "$url" --to Taken --stop-idle 1s
check_says "userid" "and it says which field" build/bin/steps -b "$address" --registry "$url" --to Taken --stop-idle 1s
check_status 1 "no registry is a failure" build/bin/steps -b "$address" --registry http://127.0.0.1:1 --to Steps --stop-idle 1s
kill $registry
stop_broker TERM
finish
