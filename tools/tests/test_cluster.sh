#!/bin/sh
# A lesson's program under --cluster, killed ten times: its part files are those of a clean run.
#
# Its lines on standard output go through a pipe that is read a little between two kills, so that the job cannot run away
# from them, however fast the machine.
. tools/tests/lib/tap.sh
checkpoints=$scratch/checkpoints
build/bin/weir produce --to "$scratch/clicks" --seed 7 --start 1760000400000 --rate 0 --users 500 --count 200000 2>/dev/null

lines_of() { cat "$1"/* | LC_ALL=C sort; }
build/bin/user-activity --input "$scratch/clicks" --size 1s --out "$scratch/clean/" >/dev/null 2>&1
lines_of "$scratch/clean" >"$scratch/expected"
check "a clean run writes results" test "$(wc -l <"$scratch/expected")" -gt 20000

mkfifo "$scratch/pipe"
build/bin/user-activity --input "$scratch/clicks" --size 1s --out "$scratch/parts/" -p 2 --cluster --restart fixed-delay:20,1ms \
    --checkpoint-interval 10ms --checkpoint-dir "$checkpoints" >"$scratch/pipe" 2>"$scratch/log" &
manager=$!
# shellcheck disable=SC2016  # expanded at the end
at_end 'kill -9 $manager'
exec 3<"$scratch/pipe"
# The newest checkpoint's number; 0: none yet.
newest() { find "$checkpoints" -name 'chk-*[0-9]' 2>/dev/null | sed 's/.*chk-//' | sort -n | tail -n 1 | grep . || echo 0; }
kills=0 last='' known=0
while [ $kills -lt 10 ]; do
    head -c 20000 <&3 >/dev/null
    worker=$(sed -n 1p "$checkpoints/job.pid" 2>/dev/null || :) now=$(newest)
    if [ "$worker" != "$last" ] && [ "$now" -gt "$known" ]; then
        kill -9 "$worker" || break
        kills=$((kills + 1)) last=$worker known=$now
    fi
done
cat <&3 >/dev/null
status=0
wait $manager || status=$?
output=$(cat "$scratch/log")
verdict "$([ $kills = 10 ] && grep -q 'restart 10 of 20 in 1ms' "$scratch/log" && echo 0 || echo 1)" "ten task managers are killed, ten start again"
verdict $status "the job finishes" "exit status $status"
lines_of "$scratch/parts" >"$scratch/got"
check "what it has written is what a clean run writes" cmp "$scratch/expected" "$scratch/got"
check "nothing is left hidden" test -z "$(find "$scratch/parts" -name '.*' -type f)"
finish
