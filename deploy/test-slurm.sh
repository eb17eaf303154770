#!/bin/bash
# deploy/slurm.sbatch on a real Slurm of one node with two places for tasks, which lives for this test alone:
#
#     deploy/test-slurm.sh PROGRAM
#
# Four shards are run; one is requeued by Slurm while it works, and of another the program is killed. The merged
# report has to be that of a single run, byte for byte. Needs root and Debian's slurm-wlm; says so where it cannot be.
set -euo pipefail
program=$(realpath "${1:?the program rvlitmus}")
deploy=$(realpath "$(dirname "$0")")

skip() {
    echo "slurm: skipped, $*"
    exit 0
}
[ "$(id -u)" -eq 0 ] || skip "not root"
if ! { command -v slurmctld && command -v slurmd && command -v munged; } > /dev/null; then
    install() { apt-get install --yes --no-install-recommends slurm-wlm munge; }
    { install || { apt-get update && install; }; } > /dev/null 2>&1 || skip "slurm-wlm cannot be installed"
fi

scratch=$(mktemp -d)
# From here on no command speaks to a Slurm that is not of this test.
export SLURM_CONF=$scratch/slurm.conf
daemons=()
finish() {
    status=$?
    trap - EXIT
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$scratch"/*.log "$scratch"/slurm-*.out 2> /dev/null || true
    fi
    scancel --user=root > /dev/null 2>&1 || true
    for pid in "${daemons[@]}"; do kill "$pid" 2> /dev/null || true; done
    for pid in "${daemons[@]}"; do wait "$pid" 2> /dev/null || true; done
    rm -rf "$scratch"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '%3ds  %s\n' "$SECONDS" "$*"; }

# Waits until a command succeeds.
until_so() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@" > /dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || { say "waited in vain: $*"; return 1; }
        sleep 0.1
    done
}

cd "$scratch"
chmod 755 .
mkdir bin spool state tests
ln -s "$program" bin/rvlitmus
export PATH=$scratch/bin:$PATH

dd if=/dev/urandom of=munge.key bs=1024 count=1 status=none
chmod 600 munge.key
host=$(hostname -s)
cat > slurm.conf << END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$scratch/munge.socket
SlurmctldPidFile=$scratch/slurmctld.pid
SlurmdPidFile=$scratch/slurmd.pid
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
KillWait=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_interval=2,bf_interval=2
SlurmdParameters=config_overrides
NodeName=node NodeHostname=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=16384
PartitionName=all Nodes=node Default=YES
END
munged --foreground --force --key-file="$scratch/munge.key" --socket="$scratch/munge.socket" \
    --pid-file="$scratch/munged.pid" --seed-file="$scratch/munge.seed" --log-file="$scratch/munged.log" 2> /dev/null &
daemons+=($!)
until_so 10 test -S munge.socket
slurmctld -D -L "$scratch/slurmctld.log" 2> /dev/null &
daemons+=($!)
slurmd -D -N node -L "$scratch/slurmd.log" 2> /dev/null &
daemons+=($!)
until_so 30 bash -c 'sinfo --noheader --format=%t | grep -qx idle'
say "$(sinfo --version): one node, two places for tasks of four CPUs"

# Tests that take a sixth of a second each by both engines, twenty or so in a shard, and some that take none.
for n in $(seq 80); do rvlitmus family lrsc 5 | sed "1s/\$/-$n/" > "tests/lrsc-$n.litmus"; done
for n in $(seq 2 9); do rvlitmus family sb "$n" > "tests/sb-$n.litmus"; done
options=(--engine both --explain=never)

job=$(sbatch --parsable --array=1-4 "$deploy/slurm.sbatch" tests reports "${options[@]}")
merge=$(sbatch --parsable --dependency="afterok:$job" --output=merge.out --wrap \
    'rvlitmus report --merge reports/shard-*.jsonl --format jsonl -o whole.jsonl')
say "four shards submitted, and their merge behind them"

works() { # TASK: is it running, with a finished test in its report, and not all of them?
    squeue --noheader --states=RUNNING --array --format=%K --jobs="$job" | grep -qx "$1" &&
        grep -q '"path"' "reports/shard-$1.jsonl" && ! grep -q '"listing"' "reports/shard-$1.jsonl"
}
tests_of() { grep -c '"path"' "reports/shard-$1.jsonl"; }

until_so 60 works 2
say "shard 2 works, $(tests_of 2) of its tests are finished: its program is killed"
for pid in $(pgrep -f "^([^ ]*/)?rvlitmus run --shard 2/4 --resume reports/shard-2.jsonl"); do
    [ "$(readlink "/proc/$pid/cwd")" != "$scratch" ] || kill -KILL "$pid"
done
until_so 60 works 1
say "shard 1 works, $(tests_of 1) of its tests are finished: scontrol requeue"
scontrol requeue "${job}_1"

# What is requeued waits for two minutes unless somebody says otherwise.
over() {
    for task in 1 2; do scontrol update JobId="${job}_$task" StartTime=now; done
    ! squeue --noheader --jobs="$job,$merge" | grep -q .
}
until_so 240 over
for task in 1 2 3 4; do sed "s/^/      /" "slurm-${job}_$task.out"; done
[ -s whole.jsonl ] || { cat merge.out; exit 1; }
say "merged"
rvlitmus run "${options[@]}" --format jsonl -o single.jsonl tests
cmp whole.jsonl single.jsonl
say "the merged report is that of a single run: $(grep -c '"path"' single.jsonl) tests, $(wc -c < single.jsonl) bytes"
