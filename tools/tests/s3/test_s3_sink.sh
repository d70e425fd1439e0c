#!/bin/sh
# Part files in a real object store, which checks signatures: a small part and large ones, what is said when it refuses, and after
# task managers were killed the objects of a clean run.
. tools/tests/lib/tap.sh
. tools/tests/lib/kills.sh
weir=build/bin/weir
enrichment=build/bin/enrichment
export LC_ALL=C

if [ -z "${WEIR_TEST_S3:-}" ]; then
    skip "parts go to S3" "needs an object store: make test-s3"
    finish
    exit
fi
place=$WEIR_TEST_S3/run-$$-$(date +%s)
query() { # METHOD /BUCKET/KEY?QUERY: signed by curl
    curl -sS --fail-with-body --aws-sigv4 "aws:amz:$AWS_REGION:s3" -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        -H "x-amz-content-sha256: $(printf '' | sha256sum | cut -d' ' -f1)" -X "$1" "$AWS_ENDPOINT_URL$2"
}
# keys PREFIX: of the objects there.
escaped() { sed 's/ /%20/g; s/=/%3D/g'; }
keys() {
    query GET "/$WEIR_TEST_S3/?list-type=2&prefix=$(printf '%s' "${place#*/}/$1/" | escaped | sed 's/\//%2F/g')" |
        grep -o '<Key>[^<]*' | sed 's/<Key>//'
}
lines() { keys "$1" | escaped | while read -r key; do query GET "/$WEIR_TEST_S3/$key"; done | sort; }
uploads() { query GET "/$WEIR_TEST_S3/?uploads=" | grep -o '<Upload>' | wc -l; }
enrich() { $enrichment --checkpoint-dir "$scratch/chk" --restart none "$@"; }

$weir produce --model cart --to "$scratch/events" --seed 8 --start 1729630800000 --rate 0 --count 60000 --time-scale 10 --bad 0.3 2>/dev/null
head -n 500 "$scratch/events" >"$scratch/few"
enrich --input "$scratch/few" --out "$scratch/clean-few" >/dev/null 2>&1
enrich --input "$scratch/events" --out "$scratch/clean" >/dev/null 2>&1
cat "$scratch"/clean-few/*/* | sort >"$scratch/expected-few"
cat "$scratch"/clean/*/* | sort >"$scratch/expected"
check "the large one is more than two parts of an upload" test "$(wc -c <"$scratch/expected")" -gt 15000000

enrich --input "$scratch/few" --out "s3://$place/few" >"$scratch/out" 2>&1
lines few >"$scratch/got"
check "a small part is an object" cmp "$scratch/expected-few" "$scratch/got"
enrich --input "$scratch/few" --out "s3://$place/whole" --checkpoint-interval 0 >"$scratch/out" 2>&1
lines whole >"$scratch/got"
check "and one that is put whole, without checkpoints" cmp "$scratch/expected-few" "$scratch/got"
check "with Flink's name" sh -c "echo '$(keys few)' | grep -Eq '/few/[0-9]{4}-[0-9]{2}-[0-9]{2}--[0-9]{2}/part-0-0\.jsonl$'"
enrich --input "$scratch/events" --out "s3://$place/a b=c" -p 2 >"$scratch/out" 2>&1
lines "a b=c" >"$scratch/got"
check "large parts are objects, whole, under a prefix that needs escaping" cmp "$scratch/expected" "$scratch/got"
enrich --input "$scratch/few" --out "s3://$place/few" >"$scratch/out" 2>&1
check "a second run adds a part, and writes over none" test "$(keys few | wc -l)" = 2
check "no upload is left open" test "$(uploads)" = 0

# ---- refusals

check_says "AccessDenied" "the store checks signatures: without one it refuses" curl -sS "$AWS_ENDPOINT_URL/$WEIR_TEST_S3?list-type=2"
refused() { enrich --input "$scratch/few" --out "s3://$1"; }
with_key() { AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2 refused "$place/x"; }
check_says "SignatureDoesNotMatch: the secret key is wrong: check AWS_SECRET_ACCESS_KEY" "a wrong secret is refused in words" \
    with_key "$AWS_ACCESS_KEY_ID" wrong-secret
check "and is not said" sh -c "! printf '%s' '$output' | grep -q wrong-secret"
check_says "check AWS_ACCESS_KEY_ID" "an unknown key is refused in words" with_key nobody "$AWS_SECRET_ACCESS_KEY"
check_says "NoSuchBucket: there is no such bucket; make it first" "a bucket that is not there is named" refused weir-no-such-bucket/x
check_status 1 "and the program fails" refused weir-no-such-bucket/x

# ---- killed

start_killable $enrichment --input "$scratch/events" --out "s3://$place/killed"
kill_workers 5
end_killable
verdict $status "killed $kills times, it finishes" "exit status $status"
lines killed >"$scratch/got"
check "its objects have what a clean run writes" cmp "$scratch/expected" "$scratch/got"
check "and what came after a checkpoint is aborted" test "$(uploads)" -le 1 # a request may be on its way when its sender dies
finish
