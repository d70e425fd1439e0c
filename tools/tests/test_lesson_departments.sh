#!/bin/sh
# Lesson 3's departments: all three results against a second computation in awk, boundaries of a visit, and the topics in Kafka.
. tools/tests/lib/tap.sh
. tools/tests/lib/broker.sh
. tools/tests/lib/clicks.sh
weir=build/bin/weir
departments=build/bin/departments
export LC_ALL=C

events=$scratch/events.jsonl
$weir produce --model shop --to "$events" --seed 9 --start 1598849560000 --rate 0 --time-scale 0.5 --count 20000 2>/dev/null
table=$scratch/table
fields eventtimestamp event_type product_type userid <"$events" >"$table"
check "the table has every event" test "$(wc -l <"$table")" = 20000

# A visit ends when the user is silent for more than the gap, and is counted in the ten seconds of its last millisecond, last + gap - 1.
table_awk -v gap=1000 -v every=10000 -v dir="$scratch" '
    function over(user,    at, w, d, i, list, n, seen) {
        at = last[user] + gap - 1; w = at - at % every
        sessions[w]++
        if (orders[user] > 0) buyers[w]++
        n = split(departments[user], list, "|")
        for (i = 2; i <= n; i++) visits[w "\t" list[i]]++
        if (n > 0) n--
        if (orders[user] > 0)
            printf "%s\t%d\t%d\t%d\t1\t%.0f\t%.0f\n", user, products[user], orders[user], n, first[user], last[user] + gap >(dir "/buyers")
        delete last[user] }
    { if (($4 in last) && $1 - last[$4] > gap) over($4)
      if (!($4 in last)) { first[$4] = $1; orders[$4] = products[$4] = 0; departments[$4] = "" }
      last[$4] = $1
      if ($2 == "order_checkout") orders[$4]++
      if ($3 != "N/A") { products[$4]++; if (index(departments[$4] "|", "|" $3 "|") == 0) departments[$4] = departments[$4] "|" $3 } }
    END { for (user in last) over(user)
        for (k in visits) { split(k, p, "\t"); printf "%s\t%d\t%.0f\t%.0f\n", p[2], visits[k], p[1], p[1] + every >(dir "/departments") }
        for (w in sessions) printf "%d\t%d\t%d.0\t%.0f\t%.0f\n", sessions[w], buyers[w], int(buyers[w] * 100 / sessions[w]), w, w + every >(dir "/totals") }' "$table"
check "there are visits, departments and totals" test "$(cat "$scratch/buyers" "$scratch/departments" "$scratch/totals" | wc -l)" -gt 200

# of TOPIC FIELDS…: the program's lines for a topic.
of() {
    topic=$1
    shift
    sed -n "s/^${topic}[:0-9]*> //p" "$scratch/out" | fields "$@" | sort
}
# The list of departments becomes its length.
count_departments() {
    awk -F'"deptList":' '{ split($2, rest, "]"); n = split(rest[1], list, ","); sub(/^\[[^]]*\]/, "", $2); if (rest[1] == "[") n = 0
        print $1 "\"deptList\":" n $2 }' "$scratch/out" >"$scratch/counted"
    mv "$scratch/counted" "$scratch/out"
}
for p in 1 3; do
    $departments --input "$events" -p $p 2>/dev/null >"$scratch/out"
    check "parallelism $p: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
    of Departments_Agg departmentName departmentCount windowBeginTime windowEndTime >"$scratch/got"
    check "parallelism $p: departments, field by field" sh -c "sort $scratch/departments | cmp - $scratch/got"
    of ClickEvents_UserId_Agg_Result userSessionCount userSessionCountWithOrderCheckout percentSessionswithBuy windowBeginTime \
        windowEndTime >"$scratch/got"
    check "parallelism $p: visits and buyers, field by field" sh -c "sort $scratch/totals | cmp - $scratch/got"
    count_departments
    of User_Sessions_Aggregates_With_Order_Checkout userId eventCount orderCheckoutEventCount deptList eventKey windowBeginTime \
        windowEndTime >"$scratch/got"
    check "parallelism $p: visits that bought, field by field" sh -c "sort $scratch/buyers | cmp - $scratch/got"
done

# event USER TIMESTAMP TYPE
event() { printf '{"ip":"66.249.1.1","eventtimestamp":%s,"devicetype":"mobile","event_type":"%s","product_type":"cameras","userid":%s,"globalseq":1}\n' "$2" "$3" "$1"; }
totals() { $departments --input - 2>/dev/null | sed -n 's/^ClickEvents_UserId_Agg_Result> //p' |
    fields userSessionCount userSessionCountWithOrderCheckout percentSessionswithBuy | tr '\t\n' ' ,'; }
check "events exactly a second apart are one visit" test "$( (event 1 0 order; event 1 1000 order) | totals)" = "1 0 0.0,"
check "a millisecond more makes two" test "$( (event 1 0 order; event 1 1001 order) | totals)" = "2 0 0.0,"
check "a visit is counted where its last millisecond is" test "$( (event 1 9000 order; event 2 9001 order) | totals)" = "1 0 0.0,1 0 0.0,"
check "the percentage is rounded down" test \
    "$( (event 1 0 order_checkout; event 2 0 order; event 3 0 order_checkout) | totals)" = "3 2 66.0,"

# ---- Kafka: the results are in topics of their own

start_broker --topic ExampleTopic:3 --topic Framed:1
$weir produce -b "$address" --model shop --seed 9 --start 1598849560000 --rate 0 --time-scale 0.5 --count 3000 2>/dev/null
$departments -b "$address" --kafka --stop-idle 5s 2>/dev/null >"$scratch/out"
check "from Kafka: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
check "from Kafka: all of them" test "$(sed -n 's/^events in *//p' "$scratch/out")" = 3000
for topic in Departments_Agg ClickEvents_UserId_Agg_Result User_Sessions_Aggregates_With_Order_Checkout; do
    kcat -b "$address" -C -t $topic -e -q 2>/dev/null >"$scratch/topic"
    check "$topic has results" test "$(grep -c '"windowEndTime":' "$scratch/topic")" -gt 0
done

# ---- the lab as it was: threads that share one sequence, Avro, and a registry that has the schema

if pkg-config --exists libmicrohttpd libcurl 2>/dev/null; then
    mkfifo "$scratch/registry-says"
    $weir registry --port 0 --ready-file "$scratch/registry-ready" >"$scratch/registry-says" &
    registry=$!
    at_end 'kill "$registry" "$broker"'
    trap 'eval "$last_things" || :; rm -rf "$scratch"' EXIT # start_broker set its own
    exec 5<"$scratch/registry-says"
    read -r _ <&5
    url=$(cat "$scratch/registry-ready")
    shop="--model shop --threads 8 --users 20 --seed 9 --start 1598849560000 --rate 0 --time-scale 0.5"
    # shellcheck disable=SC2086
    $weir produce -b "$address" -t Framed $shop --format avro --registry "$url" 2>/dev/null
    # shellcheck disable=SC2086
    $weir produce --to "$events" $shop 2>/dev/null
    check "eight threads number their events from one sequence" test \
        "$(fields globalseq <"$events" | sort -n | uniq | wc -l)" = "$(sed -n '$s/.*"globalseq":\([0-9]*\).*/\1/p' "$events")"
    results() { sed -n '/^[A-Z].*> {/p' | sort; }
    $departments --input "$events" 2>/dev/null | results >"$scratch/expected"
    $departments -b "$address" --topic Framed --registry "$url" --stop-idle 5s 2>/dev/null >"$scratch/out"
    results <"$scratch/out" >"$scratch/got"
    check "Avro from Kafka gives the same results as JSON from a file" cmp "$scratch/expected" "$scratch/got"
    check "which are many" test "$(wc -l <"$scratch/got")" -gt 60
    check "and every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
    kill $registry
else
    skip "Avro" "libmicrohttpd and libcurl are not both installed"
fi
stop_broker TERM
finish
