#!/bin/sh
# A lesson's program under --cluster, killed ten times: its part files are those of a clean run.
. tools/tests/lib/tap.sh
. tools/tests/lib/kills.sh
build/bin/weir produce --to "$scratch/clicks" --seed 7 --start 1760000400000 --rate 0 --users 500 --count 200000 2>/dev/null

lines_of() { cat "$1"/* | LC_ALL=C sort; }
build/bin/user-activity --input "$scratch/clicks" --size 1s --out "$scratch/clean/" >/dev/null 2>&1
lines_of "$scratch/clean" >"$scratch/expected"
check "a clean run writes results" test "$(wc -l <"$scratch/expected")" -gt 20000

start_killable build/bin/user-activity --input "$scratch/clicks" --size 1s --out "$scratch/parts/" -p 2
kill_workers 10
end_killable
verdict "$([ $kills = 10 ] && grep -q 'restart 10 of 20 in 1ms' "$scratch/log" && echo 0 || echo 1)" "ten task managers are killed, ten start again"
verdict $status "the job finishes" "exit status $status"
lines_of "$scratch/parts" >"$scratch/got"
check "what it has written is what a clean run writes" cmp "$scratch/expected" "$scratch/got"
check "nothing is left hidden" test -z "$(find "$scratch/parts" -name '.*' -type f)"
finish
