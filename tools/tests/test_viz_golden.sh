#!/bin/sh
# weir viz: screens and plain lines, compared with the ones that were looked at and found good.
#
#     tools/tests/test_viz_golden.sh             compares
#     tools/tests/test_viz_golden.sh --update    writes them anew; look at the difference before you commit it
#
# tools/tests/viz/screens.txt lists them: name, trace, size, keys.
update=${1-}
. tools/tests/lib/tap.sh
weir=build/bin/weir
golden=tools/tests/viz
LC_ALL=C.UTF-8
export LC_ALL

# same NAME DESCRIPTION: what is in $scratch/screen is what it was.
same() {
    if [ "$update" = --update ]; then
        cp "$scratch/screen" "$golden/$1.screen"
    fi
    check "$2" diff -u "$golden/$1.screen" "$scratch/screen"
}

while read -r name trace size keys; do
    case $name in '#'* | '') continue ;; esac
    ascii=''
    case $name in *-ascii) ascii=--ascii ;; esac
    # shellcheck disable=SC2086  # empty, or one option
    $weir viz --script "$keys" --size "$size" $ascii "$golden/$trace.jsonl" >"$scratch/screen" </dev/null
    same "$name" "screen $name"
done <"$golden/screens.txt"

$weir viz --plain "$golden/tumbling-late.jsonl" >"$scratch/screen" </dev/null
same plain "plain lines"

back_and_forth() {
    $weir viz --script "$2" "$golden/$1.jsonl" </dev/null | tail -n +2 >"$scratch/back"
    $weir viz --script "$3" "$golden/$1.jsonl" </dev/null | tail -n +2 >"$scratch/direct"
    test -s "$scratch/back" || return
    diff "$scratch/back" "$scratch/direct"
}
check "a step back shows the screen from before" back_and_forth tumbling-late '{30.}{12.}{12,}' '{30.}'
check "and so does going to the end and back" back_and_forth sliding 'G{40,}' '{73.}{WAIT 1s}'
check "the previous mark after the next one is the same" back_and_forth session ']]]][' ']]]'
finish
