#!/bin/sh
# Lesson 5's programs, each against a second computation of its results in awk, on one subtask and on three; and their boundaries.
#
# WEIR_WEBLOG_ELB names a real access log to be tried too.
. tools/tests/lib/tap.sh
. tools/tests/lib/clicks.sh
weir=build/bin/weir
export LC_ALL=C

# ---- user-sessions: an event belongs to the session when it is at most the gap after the one before

clicks=$scratch/clicks.jsonl
$weir produce --to "$clicks" --seed 13 --start 1760000400000 --rate 0 --time-scale 100 --count 8000 --users 60 --pages 20 \
    2>/dev/null
clicks_table "$clicks" | table_awk -v gap=120000 '
    function over(user) {
        printf "%s\t%.0f\t%.0f\t%d\t%d\t%d\n", user, first[user], last[user], events[user], bought[user], pages[user] }
    { if (($1 in last) && $4 > last[$1] + gap) { over($1); delete last[$1] }
      if (!($1 in last)) { first[$1] = $4; session[$1]++; events[$1] = bought[$1] = pages[$1] = 0 }
      last[$1] = $4; events[$1]++
      if ($3 == "PURCHASE") bought[$1]++
      if (!seen[$1, session[$1], $2]++) pages[$1]++ }
    END { for (user in last) over(user) }' | sort >"$scratch/expected"
for p in 1 3; do
    build/bin/user-sessions --input "$clicks" --gap 2m -p $p --out "$scratch/sessions" 2>/dev/null >"$scratch/out"
    # The list of pages becomes its length.
    awk -F'"pages":' '{ n = split($2, page, ","); print $1 "\"pages\":" n "}" }' "$scratch/sessions" |
        fields userId start last events purchases pages | sort >"$scratch/got"
    check "user sessions, parallelism $p: field by field" cmp "$scratch/expected" "$scratch/got"
    check "user sessions, parallelism $p: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
done
check "user sessions: there are more than users" test "$(wc -l <"$scratch/expected")" -gt 100

click() { printf '{"userId":"%s","pageUrl":"/p","eventType":"VIEW","timestamp":%s}\n' "$1" "$2"; }
sessions() { build/bin/user-sessions --input - 2>/dev/null | sed -n 's/^SESSION> //p' | fields userId start last events | tr '\t\n' ' ,'; }
check "exactly the gap apart is one session" test "$( (click ann 0; click ann 900000) | sessions)" = "ann 0 900000 2,"
check "a millisecond more makes two" test "$( (click ann 0; click ann 900001) | sessions)" = "ann 0 0 1,ann 900001 900001 1,"
check "a long session is not ended by the timer of its first event" test \
    "$( (click ann 0; click ann 600000; click ann 1200000; click ann 1800000) | sessions)" = "ann 0 1800000 4,"
check "an event out of order may be the first, and moves no timer" test \
    "$( (click ann 20000; click ann 0; click ann 920000) | sessions)" = "ann 0 920000 3,"
check "a session ends by itself when others go on" test \
    "$( (click ann 0; click bob 930001; click bob 930002) | sessions)" = "ann 0 0 1,bob 930001 930002 2,"
# The watermark is 900000 after bob: a click of ann at 0 would be over at once.
check "a click whose session would be over is late" test \
    "$( (click bob 930001; click ann 0; click ann 1) | build/bin/user-sessions --input - 2>/dev/null | grep -c '^LATE> ')" = 1

# ---- open-sessions: the whole job, on the simulation's clock (tools/tests/test_lesson_open_sessions.c has the boundaries)

$weir produce --to "$clicks" --seed 19 --start 1893456000000 --rate 0 --time-scale 10000 --count 300 --users 12 2>/dev/null
clicks_table "$clicks" | table_awk -v gap=1800000 '
    function over(user) { printf "%s\t%.0f\t%d\t%.0f\n", user, first[user], n[user], last[user] }
    { if (($1 in last) && $4 - last[$1] >= gap) { over($1); n[$1] = 0 }
      if (!n[$1]++) first[$1] = $4
      last[$1] = $4 }
    END { for (user in last) over(user) }' | sort >"$scratch/expected"
check "open sessions: users have several" test "$(wc -l <"$scratch/expected")" -gt 40
# last_lines <LINES: of each session id its last line, as user, first event, number of events, last event.
last_lines() {
    awk -F'"id":"' '{ line[$2] = $1 } END { for (id in line) print line[id] }' |
        awk '{ n = gsub(/"userId"/, "&"); print "{\"n\":" n "," substr($0, 2) }' |
        sed -n 's/^{"n":\([0-9]*\),"events":\[{"timestamp":\([0-9]*\),"userId":"\([^"]*\)".*"lastEventTimestamp":\([0-9]*\),.*/\3\t\2\t\1\t\4/p' | sort
}
for seed in 1 2 3; do
    build/bin/open-sessions --input "$clicks" --scheduler simulation --seed $seed -p 2 2>/dev/null --out "$scratch/lines" >"$scratch/out"
    last_lines <"$scratch/lines" >"$scratch/got"
    check "open sessions, seed $seed: field by field" cmp "$scratch/expected" "$scratch/got"
    check "open sessions, seed $seed: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
    check "open sessions, seed $seed: none is closed twice, and none is open after it was closed" test \
        "$(awk -F'"status":"' '{ split($2, part, "\""); if (closed[part[5]]) bad++; if (part[1] == "CLOSED") closed[part[5]] = 1 }
            END { print bad + 0 }' "$scratch/lines")" = 0
    build/bin/open-sessions --input "$clicks" --scheduler simulation --seed $seed --delta 2>/dev/null --out "$scratch/lines" >"$scratch/out"
    check "open sessions, seed $seed: with --delta each event is shown once" test \
        "$(grep -o '"userId"' "$scratch/lines" | wc -l)" = 300
done

# ---- session-ids

# Clicks as lines of an access log of one day (2025-10-09), microseconds and all; some failed, some with stray quotes, some broken.
elb_lines() {
    table_awk -v day=1759968000000 '
        { ms = $4 - day; split($1, user, "_"); ip = "10." (user[2] % 3) "." int(user[2] / 200) "." (user[2] % 200)
          printf "2025-10-09T%02d:%02d:%02d.%03d%03dZ shop %s:%d ", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000, NR % 1000, ip, 1024 + NR % 50000
          if (NR % 17 == 0) printf "- -1 -1 -1 504 0 0 0 "
          else printf "10.0.6.158:80 0.000022 0.026109 0.00002 200 200 0 699 "
          printf "\"GET https://shop.example:443%s HTTP/1.1\" ", $2
          if (NR % 23 == 0) printf "\"an \"odd\" agent\" - -\n"
          else if (NR % 29 == 0) printf "\"cut off\n"
          else printf "\"Mozilla/5.0\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2\n" }'
}
# expect_ids GAP MOST LONGEST BOUND <LOG: session ids by sorting all that is not late, and the URLs; well-formed lines only.
expect_ids() {
    grep -v '"cut off$' | sed -n 's/^\([^T]*T\([0-9]*\):\([0-9]*\):\([0-9]*\)\.\([0-9]\{3\}\)[0-9]*\)Z [^ ]* \([^ ]*\):[0-9]* .* "GET \([^ ]*\) .*" [^ ]* [^ ]*$/\2 \3 \4 \5 \6 \7/p' |
        awk -v CONVFMT=%.0f -v day="${5:-1759968000000}" -v bound="$4" 'BEGIN { wm = -1 }
            { ts = day + (($1 * 60 + $2) * 60 + $3) * 1000 + $4
              if (ts > wm) print $5 "\t" ts "\t" NR "\t" $6; else late++
              if (ts - bound - 1 > wm) wm = ts - bound - 1 }
            END { print late + 0 >"'"$scratch/late"'" }' |
        sort -t "$tab" -k1,1 -k2,2n -k3,3n | table_awk -v gap="$1" -v most="$2" -v longest="$3" '
            { if ($1 != ip || $2 - previous > gap || n + 1 >= most || $2 - first > longest) { first = $2; n = 0 }
              ip = $1; previous = $2; n++
              ms = $2 % 86400000
              fraction = ms % 1000 ? sprintf(".%03d", ms % 1000) : ""
              printf "%.0f\t%s\t%02d:%02d:%02d%sZ\t%s-%.0f\t%.3f\t%s\n", $2, ip, ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, fraction, ip,
                  first, ($2 - first) / 1000, $4 }' | sort
}
got_ids() {
    fields ts timestamp ip sessionId duration <"$1" |
        table_awk '{ sub(/^.*T/, "", $2); printf "%s\t%s\t%s\t%s\t%.3f\n", $1, $3, $2, $4, $5 }' | sort
}
# Java hash codes of ASCII text, for the buckets.
java_buckets() {
    table_awk 'BEGIN { for (i = 1; i < 127; i++) code[sprintf("%c", i)] = i }
        { h = 0; for (i = 1; i <= length($2); i++) h = (h * 31 + code[substr($2, i, 1)]) % 4294967296
          if (h >= 2147483648) h -= 4294967296
          b = h < 0 ? -(-h % 1200) : h % 1200
          n[b]++ }
        END { for (b in n) { keys++; if (n[b] > most || (n[b] == most && b + 0 < best)) { most = n[b]; best = b + 0 } }
            print keys, NR, best, most }'
}

$weir produce --to "$clicks" --seed 17 --start 1760000400000 --rate 0 --time-scale 20 --count 6000 --users 250 --pages 20 \
    --disorder 50s --late 0.01:2m 2>/dev/null
log=$scratch/access.log
clicks_table "$clicks" | elb_lines >"$log"
expect_ids 60000 12 300000 60000 <"$log" >"$scratch/with-urls"
cut -f 1-5 "$scratch/with-urls" | sort >"$scratch/expected"
for p in 1 3; do
    build/bin/session-ids --input "$log" --gap 1m --most 12 --longest 5m -p $p --out "$scratch/ids" 2>/dev/null >"$scratch/out"
    got_ids "$scratch/ids" >"$scratch/got"
    check "session ids, parallelism $p: field by field" cmp "$scratch/expected" "$scratch/got"
    check "session ids, parallelism $p: every line is accounted for" grep -q "every event is accounted for" "$scratch/out"
    check "session ids, parallelism $p: late ones are told" test "$(grep -c '^LATE' "$scratch/out")" = "$(cat "$scratch/late")"
done
check "session ids: some are late" test "$(cat "$scratch/late")" -gt 0
check "broken lines are dead letters, stray quotes and failed requests are not" test \
    "$(sed -n 's/^ *dead letters *//p' "$scratch/out")" = "$(grep -c '"cut off$' "$log")"
# How long each address was there: its sessions' last durations, added up.
if pkg-config --exists sqlite3 2>/dev/null; then
    build/bin/session-ids --input "$log" --gap 1m --most 12 --longest 5m --db "$scratch/ids.db" >/dev/null 2>&1
    $weir sql "$scratch/ids.db" --csv 'SELECT ip, SUM(longest) AS total FROM (SELECT ip, sessionId, MAX(duration) AS longest
        FROM sessionized GROUP BY ip, sessionId) GROUP BY ip' | sed 1d | awk -F, '{ printf "%s %.3f\n", $1, $2 }' | sort >"$scratch/totals"
    table_awk '{ if ($5 > longest[$2, $4]) { total[$2] += $5 - longest[$2, $4]; longest[$2, $4] = $5 } else total[$2] += 0 }
        END { for (ip in total) printf "%s %.3f\n", ip, total[ip] }' "$scratch/expected" | sort >"$scratch/got"
    check "total durations, asked in SQL" cmp "$scratch/got" "$scratch/totals"
    check "of more than a few addresses" test "$(wc -l <"$scratch/totals")" -gt 100
    # The most loyal clients, the mean of all sessions, and how many different URLs each saw.
    $weir sql "$scratch/ids.db" --csv 'SELECT ip FROM (SELECT ip, sessionId, MAX(duration) AS longest FROM sessionized
        GROUP BY ip, sessionId) GROUP BY ip ORDER BY SUM(longest) DESC, ip LIMIT 5' | sed 1d >"$scratch/loyal"
    check "the longest totals are the most loyal clients" sh -c "sort -k2,2nr -k1,1 $scratch/got | head -n 5 | cut -d ' ' -f 1 | cmp - $scratch/loyal"
    mean=$($weir sql "$scratch/ids.db" --csv 'SELECT AVG(longest) FROM (SELECT MAX(duration) AS longest FROM sessionized
        GROUP BY ip, sessionId)' | sed 1d | awk '{ printf "%.6f", $1 }')
    check "mean session time, asked in SQL" test "$mean" = "$(table_awk '{ if (!($4 in longest) || $5 > longest[$4]) longest[$4] = $5 }
        END { for (id in longest) { n++; sum += longest[id] } printf "%.6f", sum / n }' "$scratch/expected")"
    build/bin/session-ids --input "$log" --gap 1m --most 12 --longest 5m --urls --db "$scratch/ids.db" >/dev/null 2>&1
    $weir sql "$scratch/ids.db" --csv 'SELECT sessionId, COUNT(*), COUNT(DISTINCT url) FROM sessionized_url GROUP BY ip, sessionId' |
        sed 1d | tr ',' "$tab" | sort >"$scratch/urls"
    table_awk '{ n[$4]++; if (!seen[$4, $6]++) urls[$4]++ } END { for (id in n) printf "%s\t%d\t%d\n", id, n[id], urls[id] }' \
        "$scratch/with-urls" | sort >"$scratch/got"
    check "different URLs of a session, asked in SQL" cmp "$scratch/got" "$scratch/urls"
    check "of which some are seen twice in a session" table_awk '$2 > $3 { n++ } END { exit n < 50 }' "$scratch/urls"
else
    skip "total durations, asked in SQL" "SQLite is not installed"
fi
build/bin/session-ids --input "$log" 2>/dev/null >"$scratch/out"
check "buckets are those of Java's hash codes, the negative ones too" test \
    "$(awk '/^SUBTASK/ { getline; print $2, $3, $5, $7 }' "$scratch/out")" = "$(java_buckets <"$scratch/expected")"

# State in RocksDB instead of in memory.
if pkg-config --exists rocksdb 2>/dev/null; then
    build/bin/session-ids --input "$log" --gap 1m --most 12 --longest 5m -p 3 --state rocksdb --out "$scratch/ids" >/dev/null 2>&1
    got_ids "$scratch/ids" >"$scratch/got"
    check "session ids with state in RocksDB: field by field" cmp "$scratch/expected" "$scratch/got"
else
    skip "session ids with state in RocksDB" "RocksDB is not installed"
fi

# Lines of one client at given milliseconds of the day; the defaults: 30 min, 1500 requests, 12 h.
requests() {
    for ms in "$@"; do printf '10.0.0.1 %s\n' "$ms"; done | awk '{ ms = $2
        printf "2025-10-09T%02d:%02d:%02d.%03d000Z shop %s:1024 10.0.6.158:80 0.1 0.1 0.1 200 200 0 699 \"GET https://x:443/ HTTP/1.1\" \"a\" - -\n",
            ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000, $1 }'
}
cuts() { build/bin/session-ids --input - --out - 2>/dev/null | fields sessionId duration | tr '\t\n' ' ,' | sed 's/10.0.0.1-1759968//g'; }
check "exactly 30 minutes apart is one session" test "$(requests 0 1800000 | cuts)" = "000000 0.0,000000 1800.0,"
check "a millisecond more makes two" test "$(requests 0 1800001 | cuts)" = "000000 0.0,10.0.0.1-1759969800001 0.0,"
# A request a millisecond.
# shellcheck disable=SC2046
check "a session never has 1500 requests: number 1500 begins the next" test "$(requests $(seq 0 1500) | build/bin/session-ids \
    --input - --out - 2>/dev/null | fields sessionId | sort | uniq -c | awk '{ print $1, $2 }' | tr '\n' ',')" = \
    "1499 10.0.0.1-1759968000000,2 10.0.0.1-1759968001499,"
half_hours=$(seq 0 1800000 43200000)
# shellcheck disable=SC2086
check "exactly 12 hours are one session" test "$(requests $half_hours | cuts | tr ',' '\n' | cut -d ' ' -f 1 | sort -u | wc -l)" = 1
# shellcheck disable=SC2086
check "a millisecond more begins another" test "$(requests $half_hours 43200001 | build/bin/session-ids --input - --out - 2>/dev/null |
    fields sessionId duration | tail -n 1 | tr '\t' ' ')" = "10.0.0.1-1760011200001 0.0"
check "requests of one millisecond keep the order in which they came, and their session" test "$(requests 5 5 5 | cuts)" = \
    "000005 0.0,000005 0.0,000005 0.0,"

# ---- returning: the clock of the simulation plays the file; events are 117.1 s apart, so none is near the time to live

visits=$scratch/pages.jsonl
$weir produce --model pages --to "$visits" --seed 21 --start 1893456000000 --rate 0 --time-scale 11710 --count 400 --users 12 2>/dev/null
fields timestamp userId <"$visits" | table_awk -v ttl=600000 '{ n[$2] = ($2 in last) && $1 - last[$2] < ttl ? n[$2] + 1 : 1
    last[$2] = $1; printf "%s\t%.0f\t%d\n", $2, $1, n[$2] }' | sort >"$scratch/expected"
returning() { build/bin/returning --input "$visits" --ttl 10m --out "$scratch/lines" "$@" 2>/dev/null >"$scratch/out"; }
for options in "--seed 1" "--seed 2 -p 3" "--seed 3 -p 2 --state rocksdb"; do
    case $options in *rocksdb) pkg-config --exists rocksdb 2>/dev/null || { skip "returning users, RocksDB" "not installed"; continue; } ;; esac
    # shellcheck disable=SC2086
    returning --scheduler simulation $options
    fields userId timestamp visit <"$scratch/lines" | sort >"$scratch/got"
    check "returning users, $options: field by field" cmp "$scratch/expected" "$scratch/got"
    check "returning users, $options: every event is accounted for" grep -q "every event is accounted for" "$scratch/out"
done
check "some users are forgotten, and new again" table_awk '$3 == 1 { n++ } END { exit n < 30 }' "$scratch/expected"
sed 's/:1893/:1593/' "$visits" >"$scratch/past" && visits=$scratch/past
returning
check "a recording that plays at once forgets nobody" test "$(grep -c '"visit":1}' "$scratch/lines")" = 12

if [ -n "${WEIR_WEBLOG_ELB:-}" ]; then
    for p in 1 3; do
        build/bin/session-ids --input "$WEIR_WEBLOG_ELB" -p $p --out "$scratch/real.$p" 2>/dev/null >"$scratch/out"
        check "real log, parallelism $p: every line is accounted for" grep -q "every event is accounted for" "$scratch/out"
        sort "$scratch/real.$p" >"$scratch/sorted.$p"
    done
    check "real log: the same ids on one subtask and on three" cmp "$scratch/sorted.1" "$scratch/sorted.3"
fi
finish
