#!/bin/sh
# weir lab against the rule book: every boundary of sections 1 to 12, as cases (tools/tests/lab/).
. tools/tests/lib/tap.sh
. tools/tests/lab/run_cases.sh

for cases in tools/tests/lab/*.cases; do
    run_cases "$cases"
done
finish
