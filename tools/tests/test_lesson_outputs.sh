#!/bin/sh
# Lesson 4's programs, each against a second computation of its results in awk, on one subtask and on three; and their boundaries.
. tools/tests/lib/tap.sh
. tools/tests/lib/clicks.sh
weir=build/bin/weir
export LC_ALL=C

clicks=$scratch/clicks.jsonl
table=$scratch/table
$weir produce --to "$clicks" --seed 11 --start 1760000400000 --rate 0 --time-scale 10 --count 8000 --users 40 --pages 12 \
    --mix 4,3,2,1 --disorder 20s --late 0.01:3m 2>/dev/null
clicks_table "$clicks" >"$table"
check "the table has every event" test "$(wc -l <"$table")" = 8000

# same NAME PROGRAM OPTIONS…: $scratch/expected (sorted) is what `rows`, reading the program's output, finds on 1 and on 3 subtasks.
same() {
    name=$1 program=build/bin/$2
    shift 2
    for p in 1 3; do
        "$program" --input "$clicks" -p $p "$@" 2>/dev/null >"$scratch/out"
        rows <"$scratch/out" | sort >"$scratch/got"
        check "$name, parallelism $p: field by field" cmp "$scratch/expected" "$scratch/got"
        check "$name, parallelism $p: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
    done
    check "$name: there is something to compare" test "$(wc -l <"$scratch/expected")" -gt 10
}

# event USER TYPE TIMESTAMP: a line of input.
event() { printf '{"userId":"%s","pageUrl":"/p","eventType":"%s","timestamp":%s}\n' "$1" "$2" "$3"; }

# ---- classify

grep '"eventType":"PURCHASE"' "$clicks" | sort >"$scratch/expected"
rows() { cat "$scratch/purchases"; }
same "purchases" classify --purchases "$scratch/purchases"

table_awk '{ if (n[$1] == 0 || $4 - first[$1] > 30000) { n[$1] = 0; first[$1] = $4 }
    if (++n[$1] == 7) { printf "%s\t%d\t%.0f\t%.0f\n", $1, 7, first[$1], $4; n[$1] = 0 } }' "$table" | sort >"$scratch/expected"
rows() { sed -n 's/^HIGH-VALUE[:0-9]*> //p' | fields userId events first last; }
same "high-value users" classify --events 7 --within 30s --purchases /dev/null

high() { build/bin/classify --input - --events 3 --within 10s 2>/dev/null | grep -c HIGH-VALUE || :; }
check "three events in exactly the time are much" test \
    "$( (event ann VIEW 0; event ann VIEW 1; event ann VIEW 10000) | high)" = 1
check "a millisecond more, and they are not" test \
    "$( (event ann VIEW 0; event ann VIEW 1; event ann VIEW 10001) | high)" = 0
check "counting begins anew after a find" test \
    "$( (event ann VIEW 0; event ann VIEW 1; event ann VIEW 2; event ann VIEW 3; event ann VIEW 4) | high)" = 1
check "each user is counted alone" test "$( (event ann VIEW 0; event bob VIEW 1; event ann VIEW 2) | high)" = 0
$weir produce --to "$scratch/bad.jsonl" --seed 2 --rate 0 --count 1000 --bad 0.05 2>"$scratch/produced"
build/bin/classify --input "$scratch/bad.jsonl" 2>/dev/null >"$scratch/out"
check "malformed lines become dead letters on their own output" test "$(grep -c '^DEAD-LETTER> ' "$scratch/out")" = \
    "$(awk '/^malformed/ { print $2 }' "$scratch/produced")"
build/bin/classify --input "$scratch/bad.jsonl" --dead-letters "$scratch/letters" 2>/dev/null >"$scratch/out"
check "or go to a file, with the reason and the bytes" test "$(grep -c '"reason":".*"payload":"' "$scratch/letters")" = \
    "$(awk '/^malformed/ { print $2 }' "$scratch/produced")"
check "and are accounted for" grep -q "every event is accounted for" "$scratch/out"

# ---- user-activity: windows of a minute, a bound of 30 s; late: the window's last millisecond is at or below the watermark

table_awk -v size=60000 -v bound=30000 'BEGIN { wm = -1 }
    { start = $4 - $4 % size
      if (start + size - 1 <= wm) { late++; next_wm() ; next }
      k = $1 "\t" start; events[k]++; by[k, $3]++
      if (!seen[k, $2]++) pages[k]++
      next_wm() }
    function next_wm() { if ($4 - bound - 1 > wm) wm = $4 - bound - 1 }
    END { for (k in events) { split(k, part, "\t")
            printf "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.0f\t%.0f\n", part[1], events[k], by[k, "VIEW"], by[k, "CLICK"], by[k, "ADD_TO_CART"],
                by[k, "PURCHASE"], pages[k], part[2], part[2] + size }
          print late + 0 >"'"$scratch/late"'" }' "$table" | sort >"$scratch/expected"
rows() { fields userId events views clicks carts purchases pages windowStart windowEnd <"$scratch/activity"; }
same "user activity" user-activity --out "$scratch/activity"
check "late events go to their own output, all of them" test "$(grep -c ' late: ' "$scratch/out")" = "$(cat "$scratch/late")"
check "there are some" test "$(cat "$scratch/late")" -gt 0

# ---- trending: 10 minutes by 1 minute, the first 5

table_awk -v size=600000 -v slide=60000 -v bound=30000 'BEGIN { wm = -1 }
    $3 == "VIEW" {
      for (start = $4 - $4 % slide; start > $4 - size; start -= slide)
          if (start + size - 1 > wm) { k = start "\t" $2; views[k]++; if (!seen[k, $1]++) users[k]++ }
      if ($4 - bound - 1 > wm) wm = $4 - bound - 1 }
    END { for (k in views) { split(k, part, "\t"); printf "%.0f\t%d\t%s\t%d\n", part[1], views[k], part[2], users[k] } }' \
    "$table" | sort -t "$tab" -k1,1n -k2,2nr -k3,3 | table_awk -v size=600000 '
    { rank = $1 == window ? rank + 1 : 1; window = $1
      if (rank <= 5) printf "%d\t%s\t%d\t%d\t%.0f\t%.0f\n", rank, $3, $2, $4, $1, $1 + size }' | sort >"$scratch/expected"
rows() { sed -n 's/^TRENDING[:0-9]*> //p' | fields rank pageUrl views uniqueUsers windowStart windowEnd; }
same "trending pages" trending --top 5

# ---- funnel: visits end after more than 4 s of silence, a funnel a minute by the end of the visit

sort -t "$tab" -k1,1 -k4,4n -s "$table" | table_awk -v gap=4000 -v every=60000 '
    BEGIN { step["VIEW"] = 1; step["CLICK"] = 2; step["ADD_TO_CART"] = 3; step["PURCHASE"] = 4 }
    function over(s, w) {
        if (user == "") return
        w = last + gap - 1; w -= w % every; visits[w]++
        for (s = 1; s <= reached; s++) n[w, s]++
    }
    { if ($1 != user || $4 - last > gap) { over(); user = $1; reached = 0 }
      if (step[$3] == reached + 1) reached++
      last = $4 }
    function rate(a, b) { return b > 0 ? int(a * 100 / b) "%" : "–" }
    END { over()
        for (w in visits) { minute = (w - 1759968000000) / 60000
            printf "2025-10-09T%02d:%02d:00Z %d %d %s %d %s %d %s %d %s\n", minute / 60, minute % 60, visits[w],
                n[w, 1], rate(n[w, 1], visits[w]), n[w, 2], rate(n[w, 2], n[w, 1]), n[w, 3], rate(n[w, 3], n[w, 2]),
                n[w, 4], rate(n[w, 4], n[w, 3]) } }' | sort >"$scratch/expected"
rows() { sed -n 's/  */ /g; /^2025/p'; }
same "the funnel" funnel --gap 4s --every 1m --bound 10m

# The generator's own funnel: sessions by their ids.
$weir produce --model funnel --to "$clicks" --seed 5 --start 1760000400000 --rate 0 --time-scale 10 --count 8000 2>/dev/null
fields eventType sessionId <"$clicks" | table_awk '{ n[++reached[$2]]++ }
    END { printf "%d %d %d%% %d %d%% %d %d%% %d %d%%\n", n[1], n[1], 100, n[2], int(n[2] * 100 / n[1]), n[3], int(n[3] * 100 / n[2]),
        n[4], int(n[4] * 100 / n[3]) }' >"$scratch/expected"
# shellcheck disable=SC2218  # the one above; others follow
build/bin/funnel --input "$clicks" --by-session --every 1d 2>/dev/null | rows | cut -d ' ' -f 2- >"$scratch/got"
check "sessions by their ids: the generator's funnel" cmp "$scratch/expected" "$scratch/got"
check "which is near what it was told to be" awk '{ exit !($1 > 2000 && $5 + 0 >= 57 && $5 + 0 <= 63 && $7 + 0 >= 36 && $7 + 0 <= 44) }' "$scratch/got"

visits() { build/bin/funnel --input - --gap 10s 2>/dev/null | awk '/^1970/ { $1 = ""; print }'; }
check "exactly the gap apart is one visit" test "$( (event ann VIEW 0; event ann CLICK 10000) | visits)" = " 1 1 100% 1 100% 0 0% 0 –"
check "a millisecond more makes two" test "$( (event ann VIEW 0; event ann CLICK 10001) | visits)" = " 2 1 50% 0 0% 0 – 0 –"
check "steps count in order of event time, not of arrival" test \
    "$( (event ann CLICK 5; event ann VIEW 4; event ann PURCHASE 7; event ann ADD_TO_CART 6) | visits)" = " 1 1 100% 1 100% 1 100% 1 100%"
check "a step that comes too early does not count" test \
    "$( (event ann PURCHASE 1; event ann VIEW 2; event ann CLICK 3) | visits)" = " 1 1 100% 1 100% 0 0% 0 –"
check "a visit that leaves a full cart is told" test "$( (event ann VIEW 1; event ann CLICK 2; event ann ADD_TO_CART 3) |
    build/bin/funnel --input - --carts 2>/dev/null | sed -n 's/^CART> //p' | fields userId reached events start | tr '\t' ' ')" = "ann 3 3 1"

# ---- anomalies: windows of 5 s; usual is the mean of all windows before, of at least 2

$weir produce --to "$clicks" --seed 11 --start 1760000400000 --rate 0 --time-scale 10 --count 8000 --users 40 --pages 12 \
    --mix 4,3,2,1 --disorder 20s --late 0.01:3m 2>/dev/null
table_awk -v size=5000 -v bound=30000 'BEGIN { wm = -1 }
    $3 == "VIEW" { start = $4 - $4 % size
      if (start + size - 1 > wm) views[$2 "\t" start]++
      if ($4 - bound - 1 > wm) wm = $4 - bound - 1 }
    END { for (k in views) { split(k, part, "\t"); printf "%s\t%.0f\t%d\n", part[1], part[2], views[k] } }' "$table" |
    sort -t "$tab" -k1,1 -k2,2n | table_awk -v size=5000 '
    { if ($1 != page) { page = $1; first = $2; sum = 0 }
      n = ($2 - first) / size
      if (n >= 2 && $3 > 3 * (sum / n) + 1e-9)
          printf "%s\t%d\t%.6f\t%.6f\t%.0f\t%.0f\n", $1, $3, sum / n, $3 * n / sum, $2, $2 + size
      sum += $3 }' | sort >"$scratch/expected"
rows() { sed -n 's/^ALERT[:0-9]*> //p' | fields pageUrl views baseline times windowStart windowEnd |
    table_awk '{ printf "%s\t%d\t%.6f\t%.6f\t%.0f\t%.0f\n", $1, $2, $3, $4, $5, $6 }'; }
same "anomalies" anomalies --size 5s --times 3 --warm-up 2

# views MINUTE:COUNT…: so many views of /p in these minutes.
views() { for at in "$@"; do
    i=0
    while [ $i -lt "${at#*:}" ]; do event ann VIEW $((${at%:*} * 60000 + i)); i=$((i + 1)); done
done; }
alerts() { build/bin/anomalies --input - 2>/dev/null | sed -n 's/^ALERT> //p' | fields views baseline times windowStart | tr '\t\n' ' ,'; }
check "exactly twice the baseline is no anomaly" test "$(views 0:1 1:1 2:1 3:2 | alerts)" = ""
check "one view more is, and the window is not in its own baseline" test "$(views 0:1 1:1 2:1 3:3 | alerts)" = "3 1.0 3.0 180000,"
check "in the first windows nothing is usual yet" test "$(views 0:1 1:9 2:99 | alerts)" = ""
check "a window without views lowers what is usual" test "$(views 0:3 3:3 | alerts)" = "3 1.0 3.0 180000,"
check "each page has a baseline of its own" test \
    "$( (views 0:1 1:1 2:1 3:1; views 3:5 | sed 's#"/p"#"/q"#') | alerts)" = ""
check "an anomaly is part of what is usual later" test "$(views 0:1 1:1 2:1 3:5 4:4 | alerts)" = "5 1.0 5.0 180000,"

# ---- segments: windows of a minute; by the user's number of windows before, and by events

table_awk -v size=60000 -v bound=30000 'BEGIN { wm = -1 }
    { start = $4 - $4 % size
      if (start + size - 1 > wm) { k = $1 "\t" start; events[k]++; if ($3 == "PURCHASE") bought[k]++ }
      if ($4 - bound - 1 > wm) wm = $4 - bound - 1 }
    END { for (k in events) printf "%s\t%d\t%d\n", k, events[k], bought[k] }' "$table" |
    sort -t "$tab" -k1,1 -k2,2n | table_awk -v size=60000 '
    { segment = $1 != user ? "new" : $3 >= 18 ? "power" : "returning"; user = $1
      k = segment "\t" $2; users[k]++; events[k] += $3; bought[k] += $4 }
    END { for (k in users) { split(k, part, "\t"); printf "%s\t%d\t%d\t%d\t%.6f\t%.0f\t%.0f\n", part[1], users[k], events[k], bought[k],
        events[k] / users[k], part[2], part[2] + size } }' | sort >"$scratch/expected"
rows() { sed -n 's/^SEGMENT[:0-9]*> //p' | fields segment users events purchases eventsPerUser windowStart windowEnd |
    table_awk '{ printf "%s\t%d\t%d\t%d\t%.6f\t%.0f\t%.0f\n", $1, $2, $3, $4, $5, $6, $7 }'; }
same "segments" segments --power 18
check "all three segments have users" test "$(cut -f 1 "$scratch/expected" | sort -u | tr '\n' ' ')" = "new power returning "
build/bin/user-activity --input "$clicks" --out "$scratch/activity" >/dev/null 2>&1
fields windowStart <"$scratch/activity" | sort -n | uniq -c | awk '{ print $2, $1 }' >"$scratch/active"
awk '{ users[$6] += $2 } END { for (w in users) print w, users[w] }' "$scratch/got" | sort -n >"$scratch/members"
check "the segments of a window together have its users" cmp "$scratch/active" "$scratch/members"

segments() { build/bin/segments --input - --power 3 2>/dev/null | sed -n 's/^SEGMENT> //p' | fields segment users events | tr '\t\n' ' ,'; }
check "whoever is new is new, however busy" test "$(views 0:9 | segments)" = "new 1 9,"
check "so many events as the rule asks make a power user" test "$(views 0:1 1:3 | segments)" = "new 1 1,power 1 3,"
check "one fewer does not" test "$(views 0:1 1:2 | segments)" = "new 1 1,returning 1 2,"
check "who stayed away for an hour comes back" test "$(views 0:1 60:1 | segments)" = "new 1 1,returning 1 1,"
finish
