#!/bin/sh
# weir produce --model: the events of the origin systems, their formats, and what only the shop has: threads, an end, a bookmark.
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
# How many lines of FILE match PATTERN.
matches() { LC_ALL=C grep -a -c -E "$2" "$scratch/$1" || :; }

# ---- every model

trouble() { produce "$2" --model "$1" --seed 7 --count 3000 --disorder 5s --late 0.02:1m --bad 0.05; }
for model in pages cart shop weblog funnel; do
    trouble $model a
    trouble $model b
    check "$model: the same seed gives the same bytes" cmp "$scratch/a" "$scratch/b"
    check "$model: as many lines as --count says, malformed ones too" test "$(wc -l <"$scratch/a")" -eq 3000
    check "$model: good and malformed are all" awk '/^(malformed|well-formed)/ { n += $2 } END { exit n != 3000 }' "$scratch/says"
    check "$model: another seed gives others" sh -c "$weir produce $fixed --model $model --seed 8 --count 3000 --to - 2>/dev/null | cmp -s - $scratch/a; test \$? = 1"
done

# event: what each line must look like
form() {
    produce "$1" --model "$1" --count 500
    output=$(LC_ALL=C grep -a -v -E "$2" "$scratch/$1" | head -3)
    check "$1: $3" test -z "$output"
}
form pages '^\{"timestamp":[0-9]+,"userId":"userId1?[0-9]","eventType":"(PAGE_VIEW|BUTTON_CLICK)"\}$' "fields of the document"
form cart '^\{"event_id":"evt_[0-9a-f]{16}","user_id":"USER_00[0-9]{2}","session_id":"[^"]+","event_type":"[A-Z_]+","page_url":"[^"]+","timestamp":[0-9]+,"product_id":("PROD_0[0-4][0-9]"|null),.*"processing_time":[0-9]+,' "fields of the document"
form shop '^\{"ip":"66\.249\.1\.[0-9]+","eventtimestamp":[0-9]+,"devicetype":"(mobile|computer|tablet)","event_type":"[a-z_]+","product_type":"[A-Za-z/ ]+","userid":[0-9]+,"globalseq":[0-9]+,"prevglobalseq":[0-9]+\}$' "fields of the schema"
form weblog '^2023-11-14T[0-9:]+\.[0-9]{6}Z market-shop 198\.1[89]\.[0-9.]+:[0-9]+ (-|10\.[0-9.]+:80) (-1|[0-9.e-]+) (-1|[0-9.]+) (-1|[0-9.e-]+) [0-9]+ [0-9]+ 0 [0-9]+ "GET https://[^ ]+ HTTP/1\.1" ".*" ECDHE[^ ]+ TLSv1\.2$' "lines of a load balancer"
produce late --model cart --count 20000
check "cart: one event of twenty is late, without being asked" awk '/^late/ { exit !($2 > 850 && $2 < 1150) }' "$scratch/says"

# ---- the shop

produce shop --model shop --threads 2 --users 3
check "the shop ends when each thread has made its sessions" test "$(matches shop '"event_type":"end"')" = 6
check "and numbers all events from one sequence" sh -c "sed 's/.*\"globalseq\":\([0-9]*\).*/\1/' $scratch/shop | awk '\$1 != NR { exit 1 }'"
produce one --model shop --count 100 --bookmark "$scratch/mark"
check "a bookmark says where the run stopped" grep -q '^101 ' "$scratch/mark"
produce two --model shop --count 1 --bookmark "$scratch/mark"
check "the next run goes on behind it" test "$(matches two '"globalseq":101,"prevglobalseq":0')" = 1
old=$(sed 's/.*"userid":\([0-9]*\).*/\1/' "$scratch/one" | sort -n | tail -1)
new=$(sed 's/.*"userid":\([0-9]*\).*/\1/' "$scratch/two")
check "with a fresh user" test "$new" -gt "$old"
echo nonsense >"$scratch/mark"
check_status 1 "a bookmark that is none is a failure" $weir produce --model shop --count 1 --to /dev/null --bookmark "$scratch/mark"
check_says "remove the file to begin anew" "which says what to do" $weir produce --model shop --count 1 --to /dev/null --bookmark "$scratch/mark"
check_says "s  " "every two seconds it tells how it goes" $weir produce --model shop --threads 1 --run-for 2500ms --to /dev/null

# ---- formats

produce csv --model pages --format csv --count 100
check "CSV has a value for each field" test "$(matches csv '^17[0-9]+,userId[0-9]+,(PAGE_VIEW|BUTTON_CLICK)$')" = 100
produce json --model weblog --format json --count 100
check "the web log as JSON" test "$(matches json '^\{"timestamp":[0-9]+,"timestampMicros":[0-9]+,"elb":"market-shop"')" = 100

# ---- Kafka

start_broker --topic ExampleTopic:2
check "the shop goes to its topic" $weir produce -b "$address" --model shop --rate 0 --count 200
check "as Avro too" $weir produce -b "$address" --model shop --format avro -t avro --rate 0 --count 200 --start 1700000000000
if command -v kcat >/dev/null; then
    check "with the user as key" sh -c "kcat -q -C -b $address -t ExampleTopic -e -f '%k %s\n' | grep -q '^1 {.*\"userid\":1,'"
    check "Avro messages are small" sh -c "kcat -q -C -b $address -t avro -e -f '%S\n' | awk '\$1 > 80 { exit 1 } END { exit NR != 200 }'"
else
    skip "what is in Kafka" "kcat is not installed"
fi
stop_broker TERM

# ---- misuse

for wrong in "--model markov" "--model pages --pages 3" "--model cart --mix 1,1,1,1" "--model cart --threads 2" "--model pages --partitions-by page" \
    "--model cart --format elb" "--model shop --format avro" "--format xml" "--model shop --registry http://127.0.0.1:1" "--model shop --threads 0"; do
    # shellcheck disable=SC2086
    check_status 2 "$wrong is misuse" $weir produce $wrong --count 1 --to /dev/null
done
finish
