#!/bin/sh
# tools/kafka runs a real broker: it can be written to and read from, keeps what it has over a restart, and `weir doctor`
# knows what it is.
. tools/tests/lib/tap.sh
data=$scratch/kafka
at_end 'tools/kafka down --data "$data"'

address=$(tools/kafka up --port 0 --data "$data")
port=${address##*:}
check_says "up at $address: Apache Kafka $(tools/kafka version)" "status says where it is" tools/kafka status --data "$data"
check_says "$address" "a second up only says where it is" tools/kafka up --data "$data"
check_says "it runs already, at $address" "but not at another port" tools/kafka up --data "$data" --port 1
check_says "$address: 1 broker, 0 topics; a real Kafka" "weir doctor tells it from the embedded one" build/bin/weir doctor -b "$address"
check_says "port $port is in use" "a port in use is named" tools/kafka up --port "$port" --data "$scratch/other"

produce() { printf '%s\n' "$1" | kcat -b "$address" -P -t greetings -p 0; }
consume() { timeout 60 kcat -q -b "$address" -C -t greetings -e; }
check "a message can be written" produce hello
check "it stops" tools/kafka down --data "$data"
check_status 1 "and is gone" tools/kafka status --data "$data"
check_says "$address" "it starts again where it was" tools/kafka up --port 0 --data "$data"
check_says hello "with what it had" consume
check "it stops and forgets" tools/kafka down --purge --data "$data"
check "everything" test ! -e "$data"
finish
