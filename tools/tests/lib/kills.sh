# shellcheck shell=sh disable=SC2154,SC2034  # $scratch is tap.sh's; the caller reads what is set here
# A job under --cluster whose task managers are killed: source it after tap.sh.
#
#     start_killable PROGRAM OPTIONS…   with --cluster and checkpoints every 10 ms; $manager is its job manager; what it says is in
#                                       $scratch/log
#     kill_workers N                    kills N task managers, each when a checkpoint is newer than the last kill; sets $kills
#     end_killable                      lets it finish; sets $status
#
# The job's lines on standard output go through a pipe that is read a little between two kills, so that it cannot run away from
# them, however fast the machine: there must be some megabytes of them.

checkpoints=$scratch/checkpoints

start_killable() {
    mkfifo "$scratch/pipe"
    "$@" --cluster --restart fixed-delay:20,1ms --checkpoint-interval 10ms --checkpoint-dir "$checkpoints" \
        >"$scratch/pipe" 2>"$scratch/log" &
    manager=$!
    # shellcheck disable=SC2016  # expanded at the end
    at_end 'kill -9 $manager'
    exec 3<"$scratch/pipe"
}

# The newest checkpoint's number; 0: none yet.
newest() { find "$checkpoints" -name 'chk-*[0-9]' 2>/dev/null | sed 's/.*chk-//' | sort -n | tail -n 1 | grep . || echo 0; }

kill_workers() {
    kills=0 last='' known=0
    while [ $kills -lt "$1" ]; do
        head -c 20000 <&3 >/dev/null
        worker=$(sed -n 1p "$checkpoints/job.pid" 2>/dev/null || :) now=$(newest)
        if [ "$worker" != "$last" ] && [ "$now" -gt "$known" ]; then
            kill -9 "$worker" || break
            kills=$((kills + 1)) last=$worker known=$now
        fi
    done
}

end_killable() {
    status=0
    cat <&3 >/dev/null
    wait "$manager" || status=$?
    output=$(cat "$scratch/log")
}
