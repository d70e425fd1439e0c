# shellcheck shell=sh
# Cases of the window laboratory: what goes in, and exactly what must come out. `run_cases FILE [FLAGS…]` runs all cases of
# a file as checks; the flags are added to each (--parallelism 3, --path general); with SORTED=1 the order of lines does not count.
#
#     == what must be true
#     -- flags of weir lab
#     a 1 @5              an event: key, value, timestamp          W9, T9    watermark, processing time
#     {…}                 a line as it is                          ? late_dropped 1    what the summary must say
#     =>
#     a [0,10) 3 @9       a result: key, window, value, timestamp; "global" for a global window
#     late a 1 @5         a late event          W9, Wmax           {…}       a line as it is

weir=${WEIR:-build/bin/weir}

lab_input() {
    sed -E -e 's/^([a-z]+) (.*) @(-?[0-9]+)$/{"key":"\1","value":\2,"ts":\3}/' \
        -e 's/^W(-?[0-9]+)$/{"@watermark":\1}/' \
        -e 's/^T(-?[0-9]+)$/{"@processing_time":\1}/'
}

lab_output() {
    sed -E -e 's/^Wmax$/W9223372036854775807/' \
        -e 's/^late ([a-z]+) (.*) @(-?[0-9]+)$/{"late":{"key":"\1","value":\2,"ts":\3}}/' \
        -e 's/^([a-z]+) global (.*) @(-?[0-9]+)$/{"key":"\1","window":null,"value":\2,"ts":\3}/' \
        -e 's/^([a-z]+) \[(-?[0-9]+),(-?[0-9]+)\) (.*) @(-?[0-9]+)$/{"key":"\1","window":{"start":\2,"end":\3},"value":\4,"ts":\5}/' \
        -e 's/^W(-?[0-9]+)$/{"watermark":\1}/'
}

in_order() {
    if [ -n "${SORTED-}" ]; then sort; else cat; fi
}

# check_case NAME FLAGS…: runs $scratch/in and compares with $scratch/out and $scratch/summary
check_case() {
    name=$1
    shift
    status=0
    lab_input <"$scratch/in" >"$scratch/lines"
    lab_output <"$scratch/out" | in_order >"$scratch/expected"
    "$weir" lab --summary "$scratch/sums" "$@" <"$scratch/lines" >"$scratch/raw" 2>"$scratch/err" || status=$?
    in_order <"$scratch/raw" >"$scratch/got"
    output=$(diff -u "$scratch/expected" "$scratch/got" | tail -n +3)
    while read -r field value; do
        grep -q "\"$field\":$value[,}]" "$scratch/sums" ||
            output="$output
summary: expected $field $value in $(cat "$scratch/sums")"
    done <"$scratch/summary"
    [ "$status" = 0 ] || output="$output
exit status $status: $(cat "$scratch/err")"
    verdict "$([ -z "$output" ] && echo 0 || echo 1)" "$name" "flags: $*"
}

run_cases() {
    file=$1
    shift
    name='' part=''
    { cat "$file"; echo '== end'; } >"$scratch/cases"
    while IFS= read -r line <&3; do
        case $part:$line in
        *:'== '*)
            # shellcheck disable=SC2086  # flags are words
            [ -z "$name" ] || check_case "$name" $flags "$@"
            name=${line#== } flags='' part=flags
            : >"$scratch/in"
            : >"$scratch/out"
            : >"$scratch/summary"
            ;;
        flags:'-- '*) flags=${line#-- } part=in ;;
        in:'=>') part=out ;;
        in:'? '*) echo "${line#\? }" >>"$scratch/summary" ;;
        in:*) printf '%s\n' "$line" >>"$scratch/in" ;;
        out:'') part=done ;;
        out:*) printf '%s\n' "$line" >>"$scratch/out" ;;
        esac
    done 3<"$scratch/cases"
}
