#!/bin/sh
# weir registry: the HTTP paths of Confluent's registry, its compatibility rules, and framed Avro from `weir produce`.
. tools/tests/lib/tap.sh
. tools/tests/lib/broker.sh
weir=build/bin/weir

if ! pkg-config --exists libmicrohttpd libcurl 2>/dev/null || ! command -v curl >/dev/null; then
    skip "everything" "libmicrohttpd, libcurl and curl are not all installed"
    finish
    exit
fi

mkfifo "$scratch/says"
$weir registry --port 0 --ready-file "$scratch/ready" >"$scratch/says" &
registry=$!
at_end 'kill "$registry"'
exec 5<"$scratch/says"
read -r line <&5
url=$(cat "$scratch/ready")
output=$line
check "it says where it is" test "$line" = "Schema registry at $url. Ctrl-C stops it."

# ask METHOD PATH [BODY]: "STATUS ANSWER"
ask() {
    curl -s -m 60 -X "$1" -w ' %{http_code}' ${3:+-d "$3"} -H 'Content-Type: application/vnd.schemaregistry.v1+json' "$url$2" |
        sed 's/^\(.*\) \([0-9]*\)$/\2 \1/'
}
# answers WANTED DESCRIPTION METHOD PATH [BODY]
answers() {
    wanted=$1 description=$2
    shift 2
    output=$(ask "$@")
    verdict "$([ "$output" = "$wanted" ] && echo 0 || echo 1)" "$description" "expected $wanted"
}
# body FIELD…: a registration of a record with these fields
body() {
    printf '{"schema":"{\\"type\\":\\"record\\",\\"name\\":\\"R\\",\\"fields\\":[%s]}"}' "$1"
}
a='{\"name\":\"a\",\"type\":\"int\"}'
b='{\"name\":\"b\",\"type\":\"int\"}'
b_default='{\"name\":\"b\",\"type\":\"int\",\"default\":0}'
a_long='{\"name\":\"a\",\"type\":\"long\"}'

# ---- subjects and versions

answers '200 []' "no subjects at first" GET /subjects
answers '200 {"id":1}' "a schema gets an id" POST /subjects/s/versions "$(body "$a")"
answers '200 {"id":1}' "the same again has the same" POST /subjects/s/versions "$(body "$a")"
answers '200 {"id":1}' "under another subject too" POST /subjects/t/versions "$(body "$a")"
answers '200 {"id":2}' "another has another" POST /subjects/s/versions "$(body "$a,$b_default")"
answers '200 ["s","t"]' "subjects are listed" GET /subjects
answers '200 [1,2]' "and their versions" GET /subjects/s/versions
answers '200 {"subject":"s","version":1,"id":1,"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}"}' \
    "a version has its schema" GET /subjects/s/versions/1
output=$(ask GET /subjects/s/versions/latest)
check "latest is the newest" sh -c "echo '$output' | grep -q '\"version\":2,\"id\":2'"
answers '200 {"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}"}' "an id has its schema" GET /schemas/ids/1
output=$(ask POST /subjects/s "$(body "$a")")
check "a schema is looked up in its subject" sh -c "echo '$output' | grep -q '\"subject\":\"s\",\"version\":1'"
answers '200 ["AVRO"]' "only Avro" GET /schemas/types

# ---- compatibility

answers '409 {"error_code":409,"message":"the new schema cannot read what version 2 wrote (rule BACKWARD): field b: expected string, got int"}' \
    "a schema that cannot read the last one is refused" POST /subjects/s/versions "$(body "$a,"'{\"name\":\"b\",\"type\":\"string\"}')"
answers '200 {"is_compatible":false,"messages":["the new schema cannot read what version 1 wrote (rule BACKWARD): nothing was written for a field without default: b"]}' \
    "the check says why" POST /compatibility/subjects/t/versions/latest "$(body "$a,$b")"
answers '200 {"is_compatible":true}' "int may become long" POST /compatibility/subjects/t/versions/latest "$(body "$a_long")"
answers '200 {"compatibilityLevel":"BACKWARD"}' "BACKWARD is the rule" GET /config
answers '200 {"compatibility":"FULL"}' "a subject may have another" PUT /config/t '{"compatibility":"FULL"}'
answers '200 {"is_compatible":false,"messages":["version 1 cannot read what the new schema writes (rule FULL): field a: expected int, got long"]}' \
    "by which int may not become long" POST /compatibility/subjects/t/versions/latest "$(body "$a_long")"
answers '200 {"compatibility":"NONE"}' "or none" PUT /config/t '{"compatibility":"NONE"}'
answers '200 {"id":3}' "then all is taken" POST /subjects/t/versions '{"schema":"\"string\""}'

# ---- errors

answers '404 {"error_code":40401,"message":"Subject not found."}' "no such subject" GET /subjects/x/versions
answers '404 {"error_code":40402,"message":"Version not found."}' "no such version" GET /subjects/s/versions/9
answers '404 {"error_code":40403,"message":"Schema not found."}' "no such id" GET /schemas/ids/99
answers '404 {"error_code":404,"message":"HTTP 404 Not Found"}' "no such path" GET /nothing/here
answers '405 {"error_code":405,"message":"HTTP 405 Method Not Allowed"}' "no such method" PUT /subjects
answers '422 {"error_code":42203,"message":"Expected \"compatibility\" to be NONE, BACKWARD, FORWARD, FULL, or one of these with _TRANSITIVE."}' \
    "no such rule" PUT /config '{"compatibility":"SOME"}'
output=$(ask POST /subjects/s/versions '{"schema":"{"}')
check "no schema" sh -c "echo '$output' | grep -q '^422 {\"error_code\":42201,'"
output=$(ask POST /subjects/s/versions 'nonsense')
check "no JSON" sh -c "echo '$output' | grep -q '^422 {\"error_code\":42201,'"
output=$(head -c 3000000 /dev/zero | tr '\0' 'x' | curl -s -m 60 -o /dev/null -w '%{http_code}' --data-binary @- "$url/subjects/s/versions")
check "a body of 3 MB is too long" test "$output" = 413
answers '200 [1,2]' "a subject is deleted" DELETE /subjects/s
answers '404 {"error_code":40401,"message":"Subject not found."}' "and gone" GET /subjects/s/versions

# ---- weir produce

start_broker --topic ExampleTopic:1
check "framed Avro goes to Kafka" $weir produce -b "$address" --model shop --format avro --registry "$url" --rate 0 --count 50
registered=$(ask GET /subjects/ExampleTopic-value/versions/latest)
id=$(echo "$registered" | sed 's/.*"id":\([0-9]*\).*/\1/')
check "its schema is registered" sh -c "echo '$registered' | grep -q 'samples.clickstream.avro'"
if command -v kcat >/dev/null && command -v od >/dev/null; then
    frame=$(kcat -q -C -b "$address" -t ExampleTopic -c 1 -D '' | head -c 5 | od -An -tu1 | tr -s ' ' | sed 's/^ //')
    output=$frame
    check "and its id is in front of each message" test "$frame" = "0 0 0 0 $id"
else
    skip "and its id is in front of each message" "kcat is not installed"
fi
check_status 1 "without a registry it fails" $weir produce -b "$address" --model shop --format avro --registry http://127.0.0.1:1 --count 1
check_says "no schema registry answered" "and says so" $weir produce -b "$address" --model shop --format avro --registry http://127.0.0.1:1 --count 1
stop_broker TERM

# ---- ends

port=${url##*:}
check_status 1 "a taken port is a failure" $weir registry --port "$port"
check_says "cannot listen on 127.0.0.1:$port" "which is told" $weir registry --port "$port"
check_status 2 "a wrong port is misuse" $weir registry --port http
kill -TERM $registry
status=0
wait $registry || status=$?
check "SIGTERM ends it with status 0" test $status = 0
check "and takes the ready file away" test ! -e "$scratch/ready"
finish
