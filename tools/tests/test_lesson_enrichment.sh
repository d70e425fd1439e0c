#!/bin/sh
# Lesson 3's enrichment: every line against a second computation in awk, the boundaries of a window and of lateness, what is
# refused, dead letters in their topic, and part files after kills.
. tools/tests/lib/tap.sh
. tools/tests/lib/broker.sh
. tools/tests/lib/clicks.sh
. tools/tests/lib/kills.sh
weir=build/bin/weir
enrichment=build/bin/enrichment
export LC_ALL=C

# enrich FILE OPTIONS…: $scratch/got has the lines of all parts, sorted, and $scratch/out the summary.
enrich() {
    input=$1
    shift
    rm -rf "$scratch/parts"
    $enrichment --input "$input" --out "$scratch/parts" --checkpoint-dir "$scratch/chk" "$@" 2>/dev/null >"$scratch/out"
    find "$scratch/parts" -name 'part-*-*.jsonl' -exec cat {} + 2>/dev/null | sort >"$scratch/got"
}
# count NAME: its number in the summary.
count() { sed -n "s/^ *$1  *\([0-9]*\).*/\1/p" "$scratch/out"; }

# ---- a fixed seed, with late events and malformed ones

$weir produce --model cart --to - --seed 11 --start 1729630799999 --rate 0 --count 20000 --time-scale 37 --late 0.03:20m 2>/dev/null |
    awk 'NR % 997 == 0 { print "{\"event_id\":\"broken" } { print }' >"$scratch/events"
# A line is expected as it came, with three fields more. Late is what comes when its window is gone: its last millisecond is
# not above the largest time so far less bound less 1.
table_awk -v size=300000 -v bound=600000 '
    function two(n) { return sprintf("%02d", n) }
    function iso(ms,    days, z, era, doe, yoe, doy, mp, d, m, y, s, f) {
        days = int(ms / 86400000); s = int((ms % 86400000) / 1000); f = ms % 1000
        z = days + 719468; era = int(z / 146097); doe = z - era * 146097
        yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
        doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
        d = doy - int((153 * mp + 2) / 5) + 1; m = mp < 10 ? mp + 3 : mp - 9; y = yoe + era * 400 + (m <= 2)
        return sprintf("%04d-%s-%sT%s:%s:%s%sZ", y, two(m), two(d), two(int(s / 3600)), two(int(s % 3600 / 60)), two(s % 60),
            f ? sprintf(".%03d", f) : "") }
    !/}$/ { next }
    { match($0, /"timestamp":[0-9]+/); at = substr($0, RSTART + 12, RLENGTH - 12) + 0; start = at - at % size
      if (NR > 1 && start + size - 1 <= largest - bound - 1) { late++ }
      else print substr($0, 1, length($0) - 1) ",\"event_timestamp\":\"" iso(at) "\",\"event_timestamp_start\":\"" iso(start) \
          "\",\"event_timestamp_end\":\"" iso(start + size) "\"}"
      if (at > largest) largest = at }
    END { print late + 0 >"'"$scratch/late"'" }' "$scratch/events" | sort >"$scratch/expected"
late=$(cat "$scratch/late")
check "some events are late, most are not" sh -c "[ $late -gt 20 ] && [ $(wc -l <"$scratch/expected") -gt 19000 ]"
for p in 1 3; do
    enrich "$scratch/events" -p $p
    check "parallelism $p: every line, field by field" cmp "$scratch/expected" "$scratch/got"
    check "parallelism $p: late events are counted" test "$(count late)" = "$late"
    check "parallelism $p: dead letters are counted" test "$(count 'dead letters')" = 20
    check "parallelism $p: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
done
check "part files have Flink's names, in a folder an hour" sh -c \
    "find $scratch/parts -type f | grep -Eq '/[0-9]{4}-[0-9]{2}-[0-9]{2}--[0-9]{2}/part-0-0\.jsonl$'"

# ---- boundaries

# event TIMESTAMP [ID [USER]]
event() {
    printf '{"event_id":"%s","user_id":"%s","session_id":"s","event_type":"VIEW","page_url":"/","timestamp":%s}\n' "${2-e$1}" "${3-ann}" "$1"
}
bounds() { cat >"$scratch/few" && enrich "$scratch/few" && fields event_timestamp event_timestamp_start event_timestamp_end <"$scratch/got"; }
check "a window's last millisecond is in it, with its fraction" test "$(event 1729630799999 | bounds)" = \
    "2024-10-22T20:59:59.999Z${tab}2024-10-22T20:55:00Z${tab}2024-10-22T21:00:00Z"
check "its end begins the next one, without a fraction" test "$(event 1729630800000 | bounds)" = \
    "2024-10-22T21:00:00Z${tab}2024-10-22T21:00:00Z${tab}2024-10-22T21:05:00Z"
bound=600000
(event $((300000 + bound - 1)); event 1) >"$scratch/few"
enrich "$scratch/few"
check "a window is open while the watermark is below its last millisecond" test "$(count late)" = 0
(event $((300000 + bound)); event 1) >"$scratch/few"
enrich "$scratch/few"
check "and gone when it is there: late" test "$(count late)$(count enriched)" = 11
(event 1 '' ; event 2 e2 ''; event 0; event -5; event 3) >"$scratch/few"
enrich "$scratch/few"
check "no id, no user, no time: invalid" test "$(count invalid)$(count enriched)" = 41
printf '%s\n' null '{"event_id":null}' "$(event 4)" >"$scratch/few"
enrich "$scratch/few" --dlq "$scratch/letters"
check "nulls are dead letters, each with its reason" test "$(grep -c '"reason":' "$scratch/letters")$(count enriched)" = 21

# ---- from Kafka, with its dead letters' topic

start_broker --topic clickstream:3 --topic clickstream-dlq
$weir produce -b "$address" --model cart --seed 5 --rate 0 --count 3000 --bad 0.02 2>"$scratch/produced"
malformed=$(awk '/^malformed/ { print $2 }' "$scratch/produced")
$enrichment -b "$address" --stop-idle 1s -p 2 --out "$scratch/from-kafka" --checkpoint-dir "$scratch/chk-kafka" >"$scratch/out" 2>/dev/null
check "from Kafka: all that was produced comes in, and is accounted for" test \
    "$(count 'events in')$(grep -c 'every event is accounted for' "$scratch/out")" = 30001
check "from Kafka: what is not malformed or late is in part files" test \
    "$(find "$scratch/from-kafka" -name 'part-*' -exec cat {} + | wc -l)" = $((3000 - malformed - $(count late)))
check "the malformed are in the topic clickstream-dlq" test \
    "$(kcat -b "$address" -C -t clickstream-dlq -e -q 2>/dev/null | grep -c '"reason":')" = "$malformed"
stop_broker TERM

# ---- killed; dead letters on standard output hold it back

$weir produce --model cart --to "$scratch/many" --seed 2 --start 1729630800000 --rate 0 --count 30000 --time-scale 10 --bad 0.3 2>/dev/null
enrich "$scratch/many" -p 2
cp "$scratch/got" "$scratch/expected"
start_killable $enrichment --input "$scratch/many" --out "$scratch/killed" -p 2
kill_workers 4
end_killable
verdict $status "killed $kills times, it finishes" "exit status $status"
find "$scratch/killed" -name 'part-*' -exec cat {} + | sort >"$scratch/got"
check "its part files have what a clean run writes" cmp "$scratch/expected" "$scratch/got"
check "and nothing is left hidden" test -z "$(find "$scratch/killed" -name '.*' -type f)"
finish
