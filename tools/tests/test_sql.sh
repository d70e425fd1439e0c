#!/bin/sh
# weir sql: rows aligned, as JSON and as CSV; only reading; mistakes.
. tools/tests/lib/tap.sh
weir=build/bin/weir
db=$scratch/rows.db

if ! pkg-config --exists sqlite3 2>/dev/null; then
    skip "everything" "SQLite is not installed"
    finish
    exit
fi
# An empty file is an empty database; what is asked brings its rows along.
: >"$db"
rows="SELECT * FROM (VALUES ('a', 1, 2.5), ('é, \"x\"', -20, NULL))"
named="WITH t(ip, n, duration) AS ($rows) SELECT * FROM t ORDER BY n DESC"

# shows EXPECTED DESCRIPTION OPTIONS…
shows() {
    printf '%b' "$1" >"$scratch/expected"
    description=$2
    shift 2
    $weir sql "$@" >"$scratch/got" 2>&1 || :
    output=$(cat "$scratch/got")
    check "$description" cmp "$scratch/got" "$scratch/expected"
}

shows 'ip        n  duration\na         1       2.5\né, "x"  -20  -\n' "columns are aligned, numbers to the right" "$db" "$named"
shows '{"ip":"a","n":1,"duration":2.5}\n{"ip":"é, \\"x\\"","n":-20,"duration":null}\n' "--json is an object a line" --json "$db" "$named"
shows 'ip,n,duration\na,1,2.5\n"é, ""x""",-20,\n' "--csv quotes what needs it" --csv "$db" "$named"
shows 'x\n' "no rows are a heading" "$db" "SELECT 1 AS x WHERE 0"
shows 'a\n1\nb\n2\n' "several statements answer one after the other" "$db" "SELECT 1 AS a; -- and
SELECT 2 AS b;"
check_says "x1b" "control characters do not reach the terminal" $weir sql "$db" "SELECT char(27)"
printf 'SELECT 3 AS c' >"$scratch/query"
check_says "c" "- reads the query from standard input" sh -c "$weir sql $db - <$scratch/query"

# 002's question: the total of each address's longest durations a session.
events="WITH output_t(ip, session_id, duration) AS (VALUES ('a','s1',0),('a','s1',40),('a','s2',5),('b','s3',7),('b','s3',3))"
shows 'ip  total\na      45\nb       7\n' "loyal users, by the longest durations of their sessions" "$db" \
    "$events SELECT ip, SUM(longest) AS total FROM (SELECT ip, session_id, MAX(duration) AS longest FROM output_t GROUP BY ip, session_id) GROUP BY ip ORDER BY ip"

check_status 1 "a mistake in the query is a failure" $weir sql "$db" "SELEC 1"
check_says 'near "SELEC": syntax error' "which is told" $weir sql "$db" "SELEC 1"
check_status 1 "writing is refused" $weir sql "$db" "CREATE TABLE t (a)"
check_status 1 "a file that is not there is a failure" $weir sql "$scratch/none.db" "SELECT 1"
check "and is not made" test ! -e "$scratch/none.db"
check_status 2 "a query is needed" $weir sql "$db"
check_status 2 "an unknown option is misuse" $weir sql --xml "$db" "SELECT 1"
finish
