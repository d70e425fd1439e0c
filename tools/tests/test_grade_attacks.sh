#!/bin/sh
# Code that attacks the grader scores nothing for what it broke, is told why in plain words, never hangs it and leaves no process.
#
# Each attack is a fixture in tools/tests/grade-attacks, put before the solution of exercise 3.2. Its header says in which function
# attack() is called first (in), what is scored (points) and what is said (text).
. tools/tests/lib/tap.sh
weir=build/bin/weir
solution=solutions/3.2-page-stats/page_stats.c
chmod 755 "$scratch" # the learner's code may run as nobody
export TMPDIR="$scratch"

# header NAME FIXTURE: what the fixture's header says.
header() {
    sed -n "s/^ \* $1: //p" "$2"
}

# attack FIXTURE: writes $scratch/in/page_stats.c and grades it; $report is the JSON, $graded the exit status.
attack() {
    function=$(header in "$1")
    seconds=$(header seconds "$1")
    mkdir -p "$scratch/in"
    {
        cat "$1"
        sed "/^static void $function(/,/^}/ s/^{/{\n    attack();/" "$solution"
    } >"$scratch/in/page_stats.c"
    graded=0
    report=$($weir grade 3.2 --no-build --json --seed 1 --cpu-seconds "${seconds:-3}" --submission "$scratch/in" "$sandbox") ||
        graded=$?
}

# says TEXT: the report has it.
says() {
    case $report in
    *"$1"*) return 0 ;;
    *) printf 'expected: %s\n%s\n' "$1" "$report" && return 1 ;;
    esac
}

no_process_left() {
    ! ps -eo args | grep -F "$scratch/weir-grade-" | grep -v grep
}

sandbox=--no-sandbox
for fixture in tools/tests/grade-attacks/*.c; do
    name=$(basename "$fixture" .c)
    points=$(header points "$fixture")
    attack "$fixture"
    check "$name scores $points" says "\"seed\":1,\"points\":$points,"
    check "$name is told why" says "$(header text "$fixture")"
    check "$name leaves no process" no_process_left
    [ "$points" = 20 ] || check "$name is a failure" test "$graded" = 1
done

sandbox=--
for name in exit-zero forged-pass-then-exit fork-bomb heap-overflow leak; do
    fixture=tools/tests/grade-attacks/$name.c
    attack "$fixture"
    check "$name scores 0 in the sandbox, if there is one" says "\"seed\":1,\"points\":0,"
    check "$name is told why there too" says "$(header text "$fixture")"
    check "$name leaves no process there" no_process_left
done
# ---- a learner who has waited long enough

fixture=tools/tests/grade-attacks/fork-bomb.c
{
    cat "$fixture"
    sed "/^static void add(/,/^}/ s/^{/{\n    attack();/" "$solution"
} >"$scratch/in/page_stats.c"
$weir grade 3.2 --no-build --no-sandbox --submission "$scratch/in" >"$scratch/log" 2>&1 &
grader=$!
until ps -eo args | grep -F "$scratch/weir-grade-" | grep -q runner; do
    kill -0 $grader 2>/dev/null || break
done
kill -TERM $grader
graded=0
wait $grader || graded=$?
check "a signal ends it with 130" test "$graded" = 130
check "and everything that it started" no_process_left
check "no scratch folder is left" sh -c '! ls -d "$0"/weir-grade-*' "$scratch"
finish
