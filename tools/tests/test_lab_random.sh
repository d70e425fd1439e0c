#!/bin/sh
# weir lab on random streams: the same results by slices and by the general path, with one subtask and several, with and
# without snapshots, on the heap and in RocksDB. SEED=n repeats a stream, SEEDS=n runs more of them (default 5).
. tools/tests/lib/tap.sh
weir=${WEIR:-build/bin/weir}

first=${SEED:-$(date +%s)}
count=${SEEDS:-$([ -n "${SEED-}" ] && echo 1 || echo 5)}
echo "# SEED=$first SEEDS=$count"

# stream SEED: 300 events of 4 keys around a time that rises, with watermarks, and marks where a snapshot may be taken.
stream() {
    awk -v seed="$1" 'BEGIN {
        srand(seed)
        for (i = 0; i < 300; i++) {
            printf "{\"key\":\"%c\",\"value\":%d,\"ts\":%d}\n", 97 + int(rand() * 4), int(rand() * 100), i + int(rand() * 40) - 20
            if (rand() < .1) printf "{\"@watermark\":%d}\n", i - 10 + int(rand() * 12)
            if (rand() < .05) print "#"
        }
    }'
}

# The watermark is not part of a snapshot: it is given again, as a source's next one would be.
with_snapshots() {
    awk '/@watermark/ { split($0, part, /[:}]/); if (!given++ || part[2] + 0 > largest) largest = part[2] + 0 }
        /^#/ { print "{\"@snapshot_restore\":true}"; if (given) printf "{\"@watermark\":%d}\n", largest; next }
        { print }' "$scratch/marked"
}

# lab INPUT FLAGS…: results in an order that does not depend on how they were computed
lab() {
    input=$1
    shift
    # shellcheck disable=SC2086  # flags are words
    "$weir" lab $flags --summary "$scratch/summary" "$@" <"$input" | sort
}

# same DESCRIPTION INPUT FLAGS…
same() {
    what=$1
    shift
    lab "$@" >"$scratch/got" 2>&1
    output=$(diff "$scratch/expected" "$scratch/got" | head -20)
    [ -s "$scratch/expected" ] || output='no results at all'
    verdict "$([ -z "$output" ] && echo 0 || echo 1)" "seed $seed, $flags: $what" "repeat: SEED=$seed"
}

# The same with --state rocksdb, where the build has it. Databases sync their files: in memory if that is possible.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
: >"$scratch/empty"
rocksdb=1
"$weir" lab --window global --state rocksdb "$scratch/empty" >"$scratch/got" 2>&1 || rocksdb=0
same_in_rocksdb() {
    if [ "$rocksdb" = 1 ]; then
        same "$@" --state rocksdb
    else
        skip "seed $seed, $flags: $1" "$(head -1 "$scratch/got")"
    fi
}

seed=$first
while [ "$seed" -lt $((first + count)) ]; do
    stream "$seed" >"$scratch/marked"
    grep -v '^#' "$scratch/marked" >"$scratch/plain"
    with_snapshots >"$scratch/restored"
    size=$((seed % 17 + 3)) slide=$((seed % 7 + 1)) lateness=$((seed % 3 * 6))
    for window in "tumbling:$size" "sliding:$size,$slide" "session:$slide"; do
        flags="--window $window --allowed-lateness $lateness --late-output --aggregate sum"
        lab "$scratch/plain" --path general >"$scratch/expected"
        same "the path of its choice" "$scratch/plain"
        same "three subtasks" "$scratch/plain" --parallelism 3
        same "snapshots" "$scratch/restored"
        same "snapshots, general path" "$scratch/restored" --path general
        same_in_rocksdb "RocksDB" "$scratch/plain"
        same_in_rocksdb "RocksDB, snapshots" "$scratch/restored" --parallelism 2
        # What slices cannot do: triggers with state of their own, and evictors.
        for how in "--trigger count:3" "--trigger purging:count:2" "--evictor count:2" "--evictor time:$slide,after"; do
            flags="--window $window --allowed-lateness $lateness --late-output --aggregate list $how"
            lab "$scratch/plain" >"$scratch/expected"
            same "three subtasks" "$scratch/plain" --parallelism 3
            same "snapshots of three subtasks" "$scratch/restored" --parallelism 3
            same_in_rocksdb "RocksDB, snapshots" "$scratch/restored"
        done
        # A timer that is set behind the watermark waits for the next one, and the one that is given again is a next one: no snapshots.
        flags="--window $window --allowed-lateness $lateness --late-output --trigger purging:continuous-event-time:4"
        lab "$scratch/plain" >"$scratch/expected"
        same "three subtasks" "$scratch/plain" --parallelism 3
    done
    seed=$((seed + 1))
done
finish
