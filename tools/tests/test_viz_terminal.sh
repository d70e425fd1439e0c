#!/bin/sh
# weir viz on a real terminal: drawn, resized, and given back as it was on every way out.
. tools/tests/lib/tap.sh
weir=$PWD/build/bin/weir
trace=$PWD/tools/tests/viz/tumbling-late.jsonl

if ! command -v tmux >/dev/null; then
    skip "viz on a terminal" "tmux is not installed"
    finish
fi

# A server of its own, without anybody's configuration. It outlives its sessions: a new one that came while the server of the
# last was on its way out would find it gone.
socket=$scratch/tmux
echo 'set -g exit-empty off' >"$scratch/tmux.conf"
tmux_do() { tmux -S "$socket" "$@"; }
at_end 'tmux -S "$scratch/tmux" kill-server'
# Inside, a shell that says how the line is set before and after, and with which status viz ended.
cat >"$scratch/shell" <<END
trap : INT
TMPDIR='$scratch'
export TMPDIR
echo MARK BEFORE
stty -g >'$scratch/before'
sh -c 'echo "\$\$" >"\$0" && exec "\$@"' '$scratch/pid' $weir viz "\$@"
echo "\$?" >'$scratch/status'
stty -g >'$scratch/after'
echo MARK AFTER
exec cat
END

screen() { tmux_do capture-pane -p -t viz; }
shows() { screen | grep -qF -- "$1"; }
# wait_for TEXT: until the screen shows it.
wait_for() { wait_until shows "$1"; }
open_viz() {
    rm -f "$scratch/status" "$scratch/pid"
    tmux_do kill-session -t viz 2>/dev/null || :
    tmux_do -f "$scratch/tmux.conf" new-session -d -s viz -x 80 -y 24 \
        "LC_ALL=C.UTF-8 TERM=screen-256color sh '$scratch/shell' $*"
    wait_for "1 AXIS"
}
pid_of_viz() { cat "$scratch/pid"; }
restored() {
    wait_for "MARK AFTER" || return 1
    cmp "$scratch/before" "$scratch/after" || return 1
    screen | grep -q "MARK BEFORE" || return 1 # the other screen was left
    test "$(tmux_do display-message -p -t viz '#{alternate_on} #{cursor_flag} #{keypad_flag}')" = "0 1 0"
}
ended_with() { test "$(cat "$scratch/status")" = "$1"; }

check "it draws on a terminal" open_viz "$trace"
tmux_do send-keys -t viz .
check "a step is drawn" wait_for "#1 p0 brings an event"
tmux_do send-keys -t viz ,
check "and taken back" wait_for "the job page-views starts"
tmux_do send-keys -t viz . . . . Up
check "arrow keys are understood" wait_for "key 2 of 2"
for size in 60x16 40x8 20x5 3x1 132x43 80x24; do
    tmux_do resize-window -t viz -x "${size%x*}" -y "${size#*x}"
    tmux_do send-keys -t viz .
done
check "it lives through resizing down to 3x1 and back" wait_for "SPACE run"
tmux_do send-keys -t viz q
check "q gives the terminal back" restored
check "with status 0" ended_with 0

open_viz "$trace"
tmux_do send-keys -t viz C-c
check "Ctrl-C gives the terminal back" restored
check "with status 130" ended_with 130

open_viz "$trace"
kill -TERM "$(pid_of_viz)"
check "SIGTERM gives the terminal back" restored
check "with status 143" ended_with 143

open_viz "$trace"
kill -SEGV "$(pid_of_viz)"
check "a crash gives the terminal back" restored
check "and is still a crash" ended_with 139

# A live program: its end is shown, its output on request.
printf '{"key":"a","value":1,"ts":1000}\n' >"$scratch/events.jsonl"
open_viz -- "$weir" lab --window tumbling:10s "$scratch/events.jsonl"
check "a program's end is shown" wait_for "the program has ended"
tmux_do send-keys -t viz o
check "o shows its output" wait_for '"window":{"start":0'
tmux_do send-keys -t viz q
check "q ends it" restored

tmux_do kill-session -t viz 2>/dev/null || :
tmux_do new-session -d -s viz -x 80 -y 24 "TERM=dumb $weir viz $trace; echo MARK AFTER; exec cat"
check "a terminal that cannot place a cursor gets lines" wait_for "MARK AFTER"
finish
