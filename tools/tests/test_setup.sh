#!/bin/sh
# tools/setup: what it finds, and what it says where it cannot install. Package managers are scripts of this test:
# nothing is installed and no network is used.
. tools/tests/lib/tap.sh

bin=$scratch/bin
mkdir "$bin"
# The few commands that setup itself uses, without the compilers and pkg-config of this machine.
for command in sh sed grep cut tr awk find head tail tee cat env mkdir dirname id mv rm chmod; do
    ln -s "$(command -v $command)" "$bin/$command"
done
# In the place of what is there: written through, the link would put it into the system's own folder.
fake() {
    rm -f "$bin/$1"
    printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
    chmod +x "$bin/$1"
}
# A copy, since setup works in the tree that it lies in.
mkdir -p "$scratch/tree/tools"
cp tools/setup tools/packages.def "$scratch/tree/tools/"
setup="env PATH=$bin $scratch/tree/tools/setup"

check "here everything required is found" tools/setup --check
check_says "rdkafka" "the table names the libraries" tools/setup --check
check_says "--config FILE" "--help shows the options" tools/setup --help
check_status 1 "an unknown option is refused" tools/setup --nonsense
check "the flags are written as a makefile fragment" tools/setup --config "$scratch/config.mk"
check_says "-lrdkafka" "with the libraries to link" cat "$scratch/config.mk"
if pkg-config --exists sqlite3; then
    check_says "-DWEIR_HAVE_SQLITE3" "and a macro for each extra library that is here" cat "$scratch/config.mk"
else
    skip "and a macro for each extra library that is here" "sqlite3 is not installed"
fi

check_status 1 "--check fails where nothing is installed" $setup --check
check_says "no package manager known here" "without a package manager it says so" $setup
check_says "gcc make pkg-config rdkafka jansson zlib ncursesw check" "and names what is missing" sh -c "$setup | tail -n 2"

fake id 'echo 1000'
fake apt-get 'echo "E: no network"; exit 100'
check_says "As root, type: apt-get update && apt-get install" "without root and sudo it says what to type" $setup
fake sudo 'exec "$@"'
check_status 1 "an installation that fails, fails" $setup
check_says "is this machine online?" "and says why that may be" $setup
check_says "When you can, type: sudo apt-get update && sudo apt-get install" "and what to type" $setup

fake apt-get 'case "$*" in *install*) for f in gcc make pkg-config; do printf "#!/bin/sh\nexit 0\n" >'"$bin"'/$f; chmod +x '"$bin"'/$f; done ;; esac'
check "where the package manager works, setup succeeds" $setup
check "and has nothing to do the second time" $setup
check_says "nothing to see" "silently" sh -c "$setup; echo nothing to see"

# An extra library that cannot be had is told, and building goes on.
fake pkg-config 'case "$*" in *sqlite3*) exit 1 ;; esac'
fake apt-get 'exit 100'
check "without an extra library setup succeeds" $setup
check_says "Going on without sqlite3" "and says which" $setup
finish
