# shellcheck shell=bash disable=SC2154  # what the tool sets is below
# Servers from Maven Central on this machine, without Docker: what tools/kafka, tools/s3 and tools/opensearch share (and tools/flink: the jars). The tool sets
#
#   tool      its name, for messages            server    what it runs, for people: "Apache Kafka 3.9.1"
#   cache     a folder for the jars             config    the name of its settings in $data, by which its process is known
#   data      a folder of the server's own, with its log in $data/$log
#   jars      where in the cache they are: "." or a folder
#
# What this needs: java and mvn (tools/setup --dev).

patience=90 # seconds for a start or a stop on a busy machine

fail() {
    printf '%s: %s\n' "$tool" "$*" >&2
    exit 1
}

need() {
    command -v "$1" >/dev/null 2>&1 || fail "$1 is not installed. It is needed only here; to install it, type: tools/setup --dev"
}

# ---- the jars

# dependency GROUP ARTIFACT VERSION: of a pom.
dependency() {
    printf '    <dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>\n' "$1" "$2" "$3"
}

# fetch_jars SIZE [COMMAND], with the dependencies on standard input; COMMAND FOLDER then puts them in order. Into a folder of its own
# first: half a download never looks like a whole one.
fetch_jars() {
    if [ -d "$cache" ]; then
        cat >/dev/null # who writes to us must not find the pipe closed
        return
    fi
    need java
    need mvn
    local fresh
    mkdir -p "$(dirname "$cache")"
    fresh=$(mktemp -d "$cache.XXXXXX")
    {
        printf '<project xmlns="http://maven.apache.org/POM/4.0.0">\n  <modelVersion>4.0.0</modelVersion>\n'
        printf '  <groupId>weir</groupId> <artifactId>server</artifactId> <version>1</version>\n  <dependencies>\n'
        cat
        printf '  </dependencies>\n</project>\n'
    } >"$fresh/pom.xml"
    printf '%s: fetching %s (about %s, once)\n' "$tool" "$server" "$1" >&2
    if ! mvn -B -q -f "$fresh/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory="$fresh/$jars" >"$cache.log" 2>&1 </dev/null; then
        rm -rf "$fresh"
        tail -n 5 "$cache.log" >&2
        fail "could not fetch $server (is this machine online?); $cache.log has the details"
    fi
    ${2:-true} "$fresh"
    mv -T "$fresh" "$cache" 2>/dev/null || rm -rf "$fresh" # another one was faster
}

# ---- ports

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range from which outgoing connections get theirs; the next three are free too.
free_port() {
    local candidate
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        candidate=$((20000 + RANDOM % 12000))
        if ! is_taken "$candidate" && ! is_taken $((candidate + 1)) && ! is_taken $((candidate + 2)) &&
            ! is_taken $((candidate + 3)); then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "found no free port between 20000 and 32000; name one with --port N"
}

# choose_port USUAL BEFORE: sets $port from --port. 0: the one that this server had BEFORE, or a free one.
choose_port() {
    if [ "${port:-$1}" != 0 ]; then
        port=${port:-$1}
        ! is_taken "$port" || fail "port $port is in use; another one: $tool up --port N (0: a free one)"
    elif [ -n "$2" ]; then
        port=$2
        ! is_taken "$port" || fail "port $port, which this server had before, is in use; $tool down --purge forgets it"
    else
        port=$(free_port)
    fi
}

# ---- the process

pid_of_server() {
    local pid
    pid=$(cat "$data/pid" 2>/dev/null) || return 1
    case $(ps -o command= -p "$pid" 2>/dev/null) in
    *"$data/$config"*) printf '%s\n' "$pid" ;;
    *) return 1 ;;
    esac
}

# run_java OPTION… MAIN ARGUMENT…: becomes the virtual machine, so call it in a subshell, whose process id then is the server's.
run_java() {
    exec java -Xms64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -cp "$cache/$jars/*" "$@"
}

# start_server OPTION… MAIN ARGUMENT…: in a process group of its own, so that Ctrl-C of whoever started it does not stop it.
start_server() {
    : >"$data/$log"
    set -m
    run_java "$@" >>"$data/$log" 2>&1 </dev/null &
    set +m
    local pid=$!
    disown
    printf '%s\n' "$pid" >"$data/pid"
}

# wait_until_ready TEXT: for the line with which the server says that it takes connections.
wait_until_ready() {
    local pid begin=$SECONDS
    pid=$(cat "$data/pid")
    until grep -q "$1" "$data/$log"; do
        if ! kill -0 "$pid" 2>/dev/null; then
            rm -f "$data/pid"
            grep -v '^\s*at ' "$data/$log" | tail -n 5 >&2
            fail "$server did not start; $data/$log has the details"
        fi
        [ $((SECONDS - begin)) -lt "$patience" ] || {
            kill -KILL "$pid"
            fail "$server did not answer within $patience s; $data/$log has the details"
        }
        sleep 0.1
    done
}

# stop_server PURGE: 1 also removes what it has.
stop_server() {
    local pid begin=$SECONDS
    if pid=$(pid_of_server); then
        kill -TERM "$pid"
        while kill -0 "$pid" 2>/dev/null; do
            [ $((SECONDS - begin)) -lt "$patience" ] || {
                kill -KILL "$pid" 2>/dev/null || :
                fail "$server did not stop within $patience s and was killed; $data/$log has the details"
            }
            sleep 0.1
        done
    fi
    rm -f "$data/pid"
    [ "$1" = 0 ] || rm -rf "$data"
}

# say_status ADDRESS
say_status() {
    local pid
    pid=$(pid_of_server) || {
        printf 'down (data: %s)\n' "$data"
        return 1
    }
    printf 'up at %s: %s, process %s, log %s\n' "$1" "$server" "$pid" "$data/$log"
}
