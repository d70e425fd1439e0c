#!/bin/sh
# The tables of rules and faults (lib/tests/README.md, FAULTS.md) name tests that exist and run, and every section that they must.
. tools/tests/lib/tap.sh
table=${TABLE:-lib/tests/README.md}
faults=lib/tests/FAULTS.md

# missing NAME…: those of the names, given as file/test, that are no test
missing() {
    while IFS= read -r name; do
        file=${name%%/*} test=${name#*/}
        case $file in
        lab) grep -qxF "== $test" tools/tests/lab/*.cases ;;
        lab_cli) grep -qF "\"$test\"" tools/tests/test_lab_cli.sh ;;
        # Defined, and run by its program: named a second time.
        *) grep -q "^START_TEST($test)" "lib/tests/test_$file.c" 2>/dev/null &&
            [ "$(grep -cw "$test" "lib/tests/test_$file.c")" -gt 1 ] ;;
        esac || echo "no such test: $name"
    done
}

# shellcheck disable=SC2016  # backquotes are text
names() { grep -o '`[a-z_]*/[^`]*`' "$1" | tr -d '`' | grep -v -e '\.\(sh\|cases\|java\)$' -e '/…$' | grep -v '^file/'; }

output=$(names "$table" | missing)
verdict "$([ -z "$output" ] && echo 0 || echo 1)" "every test that the table names exists"

output=$(names "$faults" | missing)
verdict "$([ -z "$output" ] && echo 0 || echo 1)" "every test that the table of faults names exists"

# files_of_row N: the programs that hold the tests of a row of the faults.
files_of_row() {
    # shellcheck disable=SC2016  # backquotes are text
    awk -v begin="## $1. " '/^## / { on = index($0, begin) == 1 } on' "$faults" | grep -o '`[a-z_]*/' | tr -d '`/' | sort -u |
        sed 's,.*,lib/tests/test_&.c,'
}
# Named in a comment ("Fault list, rows 5 and 8"), or by the tests themselves ("faults_row_2_…").
says_row() {
    row=$1
    shift
    grep -qE "(list|FAULTS\.md), rows? ([0-9]+(,| and) )*$row\b|faults_row_${row}_" "$@"
}
output=''
for row in 1 2 3 4 5 6 7 8 9 10 14 15 16 17 19 20 21; do
    files=$(files_of_row $row)
    # shellcheck disable=SC2086  # words
    [ -n "$files" ] && says_row $row $files || output="$output row $row"
done
verdict "$([ -z "$output" ] && echo 0 || echo 1)" "every row of the faults has tests, one of which names it" "without:"

output=''
for section in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do
    title=$(sed -n "s/^## $section\. .*/&/p" "$table")
    rows=$(awk -v title="$title" '/^## / { on = $0 == title } on && /^\| / && !/^\| rule / { n++ } END { print n + 0 }' "$table")
    [ -n "$title" ] && [ "$rows" -gt 2 ] || output="$output section $section"
done
verdict "$([ -z "$output" ] && echo 0 || echo 1)" "every section has its rules" "without:"

# shellcheck disable=SC2016
output=$(grep '^| ' "$table" | grep -v -e '^| rule ' -e '^| operator ' -e '`' -e 'not built' || :)
verdict "$([ -z "$output" ] && echo 0 || echo 1)" "every rule has a test, or says that it is not built"

# What adds an operator to a graph; the others only name or set one.
output=$(grep -oh '^weir_\(keyed_\|connected_\)\{0,1\}stream \*weir_[a-z_]*(' lib/include/weir/*.h | sed 's/.*\*//; s/($//' |
    grep -v -e '^weir_set_' -e '^weir_disable_chaining$' -e '^weir_harness_' | while IFS= read -r operator; do
    grep -q "^| .*\<$operator\>.* | " "$table" || echo "no row: $operator"
done)
verdict "$([ -z "$output" ] && echo 0 || echo 1)" "every public operator has a row"

# A comment may be for the declarations that follow it without one of their own.
output=$(cat lib/include/weir/*.h | awk '
    /^\/\*/ { says = 0; comment = 1 }
    comment && /Source:/ { says = 1 }
    /\*\/$/ { comment = 0 }
    /^(weir_(keyed_|connected_)?stream \*|void )weir_[a-z_]*\(/ && /stream \*|weir_sink_to/ {
        name = $0; sub(/^[^(]*[ *]weir_/, "weir_", name); sub(/\(.*/, "", name)
        if (name !~ /^weir_(set|disable|harness)_/ && !says) print "no source: " name
        if (name !~ /^weir_(set|disable|harness)_/) operators++
    }
    END { if (operators < 28) print "operators found: " operators }')
verdict "$([ -z "$output" ] && echo 0 || echo 1)" "every public operator says where its rule comes from"

output=$(printf '%s\n' 'time_valve/made_up' 'lab/made up' 'lab_cli/made up' 'made_up/test' | missing | grep -c 'no such test')
verdict "$([ "$output" = 4 ] && echo 0 || echo 1)" "what does not exist is noticed"
finish
