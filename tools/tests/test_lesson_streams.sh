#!/bin/sh
# Lesson 1's programs: what comes out, in which order it may, and that every event is accounted for.
. tools/tests/lib/tap.sh
weir=build/bin/weir
purchases=build/bin/purchases

# ---- first-stream: filter, map, flat map

printf '"%s"\n' category audio sale home >"$scratch/words"
build/bin/first-stream | sed '/^$/,$d' >"$scratch/got"
check "URLs become words, an empty path becomes none" cmp "$scratch/words" "$scratch/got"
check_says "4 URLs in, 3 of the shop, 4 words out" "and are counted" build/bin/first-stream

# ---- purchases: the same lines whatever runs them; a user's in order where they meet

clicks=$scratch/clicks.jsonl
$weir produce --to "$clicks" --seed 3 --start 1760000400000 --rate 0 --users 20 --count 3000 --mix 1,1,1,1 2>/dev/null
# What must be printed, from the lines themselves: the purchases, in the order of the file.
sed -n 's/^{"userId":"\([^"]*\)",.*"eventType":"PURCHASE","timestamp":\([0-9]*\),.*"productId":"\([^"]*\)".*}$/{"user":"\1","product":"\3","at":\2}/p' \
    "$clicks" >"$scratch/expected"
$purchases --input "$clicks" 2>/dev/null >"$scratch/one"
sed -n 's/^BOUGHT> //p' "$scratch/one" >"$scratch/got"
check "one subtask prints the purchases of the file in its order" cmp "$scratch/expected" "$scratch/got"
$weir produce --to "$scratch/bad" --seed 3 --rate 0 --count 3000 --bad 0.02 2>"$scratch/produced"
$purchases --input "$scratch/bad" 2>/dev/null >"$scratch/one"
summary() { sed -n "s/^ *$1 *\([0-9]*\).*/\1/p" "$scratch/one"; }
check "events in are the lines of the file" test "$(summary 'events in')" = 3000
check "every one of them is accounted for" grep -q "every event is accounted for" "$scratch/one"
check "dead letters are the malformed lines" test "$(summary 'dead letters')" = \
    "$(awk '/^malformed/ { print $2 }' "$scratch/produced")"

LC_ALL=C sort "$scratch/expected" >"$scratch/sorted"
for spread in evenly by-user; do
    flag=''
    [ $spread = evenly ] || flag=--by-user
    differ='' unordered=0
    for seed in 1 2 3 4 5 6 7 8 9 10; do
        $purchases --input "$clicks" -p 3 $flag --scheduler simulation --seed $seed 2>/dev/null >"$scratch/run"
        sed -n 's/^BOUGHT:[123]> //p' "$scratch/run" >"$scratch/got"
        LC_ALL=C sort "$scratch/got" | cmp -s - "$scratch/sorted" || differ="$differ $seed"
        grep -q "every event is accounted for" "$scratch/run" || differ="$differ $seed"
        unordered=$((unordered + $(awk -F'"' '{ user = $4; sub(/.*"at":/, ""); at = $0 + 0
            if (at < last[user]) bad = 1; last[user] = at } END { print bad + 0 }' "$scratch/got")))
    done
    output="seeds that differ:$differ"
    check "$spread: each purchase is printed once, in all ten orders of the simulation" test -z "$differ"
    output="orders in which a user's purchases were mixed up: $unordered"
    if [ $spread = evenly ]; then
        check "evenly: a user's purchases may come out of order" test $unordered -gt 0
    else
        check "by-user: a user's purchases never come out of order" test $unordered = 0
    fi
done
check_status 2 "an option that is not there is misuse" $purchases --by-users

# ---- two-shops: a union keeps the order of each input, and nothing else

orders=$(for seed in 1 2 3 4 5 6 7 8 9 10; do
    build/bin/two-shops --sales 9 --buffer-timeout 0 --scheduler simulation --seed $seed | sed '/^$/,$d' | tr '\n' ' '
    echo
done)
kept=$(printf '%s\n' "$orders" | awk '{ ok = NF == 18; split("", last)
    for (i = 1; i <= NF; i++) { shop = substr($i, 1, 1); n = substr($i, 2) + 0; if (n != ++last[shop]) ok = 0 }
    if (ok) kept++ } END { print kept + 0 }')
output=$orders
check "each shop's sales come once, and in order" test "$kept" = 10
check "the two are not always mixed alike" test "$(printf '%s\n' "$orders" | sort -u | wc -l)" -gt 1
check "every sale is accounted for" sh -c 'build/bin/two-shops -p 2 | grep -q "every event is accounted for"'
finish
