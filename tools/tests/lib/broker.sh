# shellcheck shell=sh disable=SC2154,SC2034  # $scratch is tap.sh's; the caller reads what is set here
# An embedded broker for a test: source it after tap.sh.
#
#     start_broker --topic click-stream:2      sets $broker (its process) and $address (HOST:PORT, a free port)
#     stop_broker TERM                         sends the signal and waits; sets $status
#
# Nothing sleeps: the broker's first line says that clients can connect.

start_broker() {
    rm -f "$scratch/broker-says"
    mkfifo "$scratch/broker-says"
    build/bin/weir broker -b 127.0.0.1:0 --ready-file "$scratch/broker-ready" "$@" >"$scratch/broker-says" &
    broker=$!
    trap 'kill "$broker" 2>/dev/null || :; rm -rf "$scratch"' EXIT
    exec 3<"$scratch/broker-says"
    read -r broker_line_1 <&3
    read -r broker_line_2 <&3
    address=$(cat "$scratch/broker-ready")
}

stop_broker() {
    status=0
    kill "-$1" "$broker"
    wait "$broker" || status=$?
}
