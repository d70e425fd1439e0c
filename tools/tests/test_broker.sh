#!/bin/sh
# weir broker: an address that clients can use, topics, errors, a clean end.
. tools/tests/lib/tap.sh
. tools/tests/lib/broker.sh
weir=build/bin/weir

produce() { printf '%s\n' "$1" | kcat -b "$address" -P -t "$2" -p 0; }

start_broker --partitions 3 --topic orders:2 --topic clicks
output=$broker_line_1
check "the first line names the address" test "$broker_line_1" = "Kafka broker at $address. Ctrl-C stops it."
check_says "not durable" "the second line says what it is not" echo "$broker_line_2"

if command -v kcat >/dev/null; then
    check_says 'topic "orders" with 2 partitions' "a topic has the partitions it was given" kcat -b "$address" -L
    check_says 'topic "clicks" with 3 partitions' "others have those of --partitions" kcat -b "$address" -L
    check "a message can be written" produce hello clicks
    check_says hello "and read" timeout 60 kcat -q -b "$address" -C -t clicks -e
    check_says hello "and read by a group" timeout 60 kcat -q -b "$address" -G readers -X session.timeout.ms=6000 \
        -X auto.offset.reset=earliest -e clicks
    check "a topic appears by its first use" produce hello new-topic
    check_says 'topic "new-topic" with 4 partitions' "with four partitions" kcat -b "$address" -L
else
    skip "clients list, write and read" "kcat is not installed"
fi

port=${address##*:}
check_status 1 "a port in use is a failure" $weir broker -b "$address"
check_says "Address already in use" "which it names" $weir broker -b "$address"
check_says "weir broker -b 127.0.0.1:$((port + 1))" "with another port to take" $weir broker -b "$address"

stop_broker TERM
check "SIGTERM ends it with status 0" test "$status" = 0
check "and removes the ready file" test ! -e "$scratch/broker-ready"
start_broker
stop_broker INT
check "SIGINT ends it with status 0" test "$status" = 0

check_status 2 "an address beyond the loopback is misuse" $weir broker -b 0.0.0.0:9092
check_says "loopback only" "and says why" $weir broker -b 192.0.2.1:9092
check_status 2 "a topic without a name is misuse" $weir broker --topic :3
check_status 2 "zero partitions are misuse" $weir broker --partitions 0
check_status 2 "a stray argument is misuse" $weir broker please
check_status 1 "a ready file that cannot be written is a failure" $weir broker -b 127.0.0.1:0 --ready-file /no/such/directory/ready
finish
