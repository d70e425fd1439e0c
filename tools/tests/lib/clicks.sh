# shellcheck shell=sh disable=SC2034  # the caller reads what is set here
# Click events for tests that compute a program's results a second time, in awk. Source it after tap.sh.
#
#     clicks_table FILE      a line an event, in the order of the file: user page type timestamp, with tabs
#     table_awk …            awk with tabs between fields, which also keeps epoch milliseconds whole where it makes text of them
#     fields NAME… <JSONL    a line an object: the named fields, with tabs; NAMEs in the order in which the objects have them

tab=$(printf '\t')

fields() {
    pattern='^{.*' replacement='' n=0
    for name in "$@"; do
        n=$((n + 1))
        pattern="$pattern\"$name\":\"\\{0,1\\}\\([^,\"}]*\\).*"
        replacement="$replacement${replacement:+$tab}\\$n"
    done
    sed -n "s/$pattern\$/$replacement/p"
}

clicks_table() {
    fields userId pageUrl eventType timestamp <"$1"
}

table_awk() {
    awk -F'\t' -v CONVFMT=%.0f "$@"
}
