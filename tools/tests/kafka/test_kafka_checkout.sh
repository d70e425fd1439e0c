#!/bin/sh
# Lesson 6's drill on a real Kafka: the task manager is killed twice, and the topic of results has what a run has that nothing
# happened to, for readers of what is committed.
. tools/tests/lib/tap.sh
weir=build/bin/weir

if [ -z "${WEIR_TEST_KAFKA:-}" ]; then
    skip "results in a topic, exactly once" "needs a real Kafka: make test-kafka, or WEIR_TEST_KAFKA=HOST:PORT"
    finish
    exit
fi
address=$WEIR_TEST_KAFKA
topic=bought-$$-$(date +%s)
export LC_ALL=C

# run NAME OPTIONS…: all of the topic into the topic of that name. No purchase is late, whichever partition is read first.
run() {
    name=$topic-$1
    shift
    CONSUMER_GROUP=$name build/bin/checkout -b "$address" --topic "$topic" --to "$name" -X "transactional.id=$name" --bound 1d -p 2 \
        --checkpoint-dir "$scratch/$name" --stop-idle 3s "$@"
}
# complete NAME: what is committed there, in $scratch/NAME, has every purchase. A transaction is over before each partition knows.
complete() {
    kcat -C -b "$address" -t "$topic-$1" -X isolation.level=read_committed -e -q | sort >"$scratch/$1"
    [ "$(sed 's/.*"purchases":\([0-9]*\).*/\1/' "$scratch/$1" | awk '{ n += $1 } END { print n + 0 }')" -ge 6000 ]
}
newest() { find "$scratch/$topic-killed" -name 'chk-*[0-9]' 2>/dev/null | sed 's/.*chk-//' | sort -n | tail -n 1 | grep . || echo 0; }
# There is a newer checkpoint than at the last kill, and another task manager.
known=0 last=''
is_at_work() {
    now=$(newest) worker=$(sed -n 1p "$scratch/$topic-killed/job.pid" 2>/dev/null || :)
    [ "$now" -gt "$known" ] && [ "$worker" != "$last" ]
}

check "there are purchases" $weir produce -b "$address" -t "$topic" --start 1760000400000 --rate 0 --count 6000 --users 60 --pages 20 --time-scale 10 --mix 0,0,0,1
check "a clean run writes its results" run clean --checkpoint-interval 1s
check "with every purchase in them" wait_until complete clean

run killed --slow 2ms --cluster --restart fixed-delay:5,100ms --checkpoint-interval 200ms >"$scratch/says" 2>&1 &
job=$!
# shellcheck disable=SC2016  # expanded at the end
at_end 'kill -9 $job'
for kill in first second; do
    wait_until is_at_work || :
    known=$now last=$worker
    check "the $kill kill, after a checkpoint" kill -9 "$worker"
done
status=0
wait $job || status=$?
output=$(cat "$scratch/says")
verdict $status "the job finishes" "exit status $status"
check "and no purchase is missing in its results" wait_until complete killed
check "they are those of the clean run, byte for byte" cmp "$scratch/clean" "$scratch/killed"
finish
