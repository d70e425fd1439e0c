#!/bin/sh
# Akidau's nine points (Streaming 102) through two-minute windows: 14, 18, 4, 12 with a perfect watermark; 5, 18, 4, 12 and
# a late 9 with the heuristic one.
. tools/tests/lib/tap.sh
weir=${WEIR:-build/bin/weir}

# In order of arrival: event minute after 12:00, processing minute after 12:05, value.
cat >"$scratch/points" <<'POINTS'
.444 .333 5
2.444 .666 7
3.666 1.222 3
4.333 1.666 4
3.111 2.111 8
6.666 2.333 3
1.444 3.333 9
7.444 3.666 8
7.777 4.0 1
POINTS
# The heuristic watermark: processing minute, event minute; straight between, then the end.
cat >"$scratch/heuristic" <<'POINTS'
0 .111
.666 .444
.999 2.444
2.444 3.111
2.666 6.555
3.6 7.1
POINTS

event='printf "{\"key\":\"team\",\"value\":%d,\"ts\":%d}\n", $3, $1 * 60000 + .5'

# Perfect: before each point the watermark stands just below the earliest event that is still to come.
awk "{ line[NR] = \$0 }
    END {
        for (i = NR; i > 0; i--) { split(line[i], f); if (i == NR || f[1] < least) least = f[1]; low[i] = least }
        for (i = 1; i <= NR; i++) {
            printf \"{\\\"@watermark\\\":%d}\n\", low[i] * 60000 - 1
            \$0 = line[i]
            $event
        }
    }" "$scratch/points" >"$scratch/perfect.jsonl"

# Heuristic: before each point the watermark stands where the line is at the point's processing time.
awk "NR == FNR { at[NR] = \$1; to[NR] = \$2; n = NR; next }
    {
        for (i = 1; i < n && at[i + 1] <= \$2; i++) ;
        level = i < n ? to[i] + (to[i + 1] - to[i]) * (\$2 - at[i]) / (at[i + 1] - at[i]) : to[n]
        printf \"{\\\"@watermark\\\":%d}\n\", level * 60000
        $event
    }" "$scratch/heuristic" "$scratch/points" >"$scratch/heuristic.jsonl"

results() {
    "$weir" lab --window tumbling:2m --aggregate sum "$@" 2>"$scratch/err" |
        sed -E -e 's/.*"window":\{"start":([0-9]+),.*"value":([0-9]+),"ts".*/\1:\2/' \
            -e 's/.*"late":.*"value":([0-9]+).*/late:\1/' | tr '\n' ' '
}

expect() {
    output=$(results "$3" "${4---late-output}")
    verdict "$([ "$output" = "$2 " ] && echo 0 || echo 1)" "$1" "expected $2"
}

expect "perfect watermark: 14, 18, 4, 12" "0:14 120000:18 240000:4 360000:12" "$scratch/perfect.jsonl"
# The 9 is late when it arrives, which is before the last window closes.
expect "heuristic watermark: 5, 18, 4, a late 9, 12" "0:5 120000:18 240000:4 late:9 360000:12" "$scratch/heuristic.jsonl"

expect "three subtasks give the same" "0:14 120000:18 240000:4 360000:12" "$scratch/perfect.jsonl" --parallelism=3
for path in general slices; do
    expect "the path ($path) gives the same" "0:14 120000:18 240000:4 360000:12" "$scratch/perfect.jsonl" --path=$path
done
output=$(grep -v @ "$scratch/points" | awk "{ $event }" | results -)
verdict "$([ "$output" = "0:14 120000:18 240000:4 360000:12 " ] && echo 0 || echo 1)" "no watermark before the end: the batch answer"

# A lateness that covers the straggler: the 9 corrects the first window, 14.
expect "with lateness the late 9 corrects the first result" "0:5 120000:18 240000:4 0:14 360000:12" "$scratch/heuristic.jsonl" --allowed-lateness=1h

# Real traffic, where it is at hand: every request in one window, none lost.
weblog=${WEBLOG:-../shared/data/weblog.jsonl}
if [ -e "$weblog" ]; then
    lines=$(wc -l <"$weblog")
    for flags in "--window tumbling:5m" "--window session:30m" "--window tumbling:1h --parallelism 4"; do
        # shellcheck disable=SC2086  # flags are words
        output=$("$weir" lab $flags --key userId --time timestamp --watermark bounded:1h "$weblog" 2>/dev/null |
            sed -E 's/.*"value":([0-9]+),.*/\1/' | awk '{ n += $1 } END { print n }')
        verdict "$([ "$output" = "$lines" ] && echo 0 || echo 1)" "real traffic, $flags: all $lines requests are counted"
    done
fi
finish
