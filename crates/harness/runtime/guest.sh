#!/bin/sh
# Written by `rvlitmus emit`.
#
# Runs the program as the first process of a guest with Ztso and of one without, and compares what they show.
#
#     ./guest.sh [--vmm qemu|kvmtool|tcg] [--time SECONDS] [--cost] KERNEL
#
# KERNEL is an Image for riscv64 that boots as a guest; `tcg` is QEMU's emulator in place of KVM. Logs are kept as
# on.log and off.log (on.cost, off.cost) here. A state that Ztso forbids and that is seen with Ztso on is a mistake of
# the hardware or of the program that made the guest; one that is seen with Ztso off only shows that the bit works.
#
# Exit code: 0 no such state was seen with Ztso on; 1 one was; 2 it was not found out.
set -eu

vmm=qemu seconds=60 kernel='' cost='' kept=no
while [ $# -gt 0 ]; do
	case $1 in
	--vmm) vmm=$2 && shift ;;
	--time) seconds=$2 && shift ;;
	--cost) cost=,--cost ;;
	-*) sed -n '3,13s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
	*) kernel=$1 ;;
	esac
	shift
done
[ -n "$kernel" ] || { sed -n '3,13s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$here/rvlitmus" ] || { echo "guest.sh: build the program first: make -C $here" >&2 && exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/dev" "$work/root/proc" "$work/root/sys"
cp "$here/rvlitmus" "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc --quiet) > "$work/initrd"

# boot on|off MODEL: one guest.
boot() {
	options="--time,$seconds,--model,$2$cost"
	[ "$1" = off ] || options="$options,--assume,ztso"
	append="console=ttyS0 quiet loglevel=3 panic=-1 rvlitmus=$options"
	end=.log
	[ -z "$cost" ] || end=.cost
	limit=$((seconds * 4 + 300))
	case $vmm in
	qemu | tcg)
		if [ "$vmm" = tcg ]; then
			set -- "$1" -machine virt -cpu "${CPU:-rv64},ztso=$1"
		else
			set -- "$1" -machine virt,accel=kvm -cpu "host,ztso=$1"
		fi
		mode=$1 && shift
		timeout "$limit" "${QEMU:-qemu-system-riscv64}" "$@" -smp "${HARTS:-4}" -m 512M -no-reboot -display none \
			-serial stdio -monitor none -kernel "$kernel" -initrd "$work/initrd" -append "$append" < /dev/null \
			> "$work/console" || true
		;;
	kvmtool)
		mode=$1
		ztso=''
		[ "$mode" = on ] || ztso=--disable-ztso
		timeout "$limit" "${KVMTOOL:-lkvm}" run -c "${HARTS:-4}" -m 512 --console serial --kernel "$kernel" \
			--initrd "$work/initrd" --params "$append" $ztso < /dev/null > "$work/console" 2>&1 || true
		grep -i 'failed to disable ztso' "$work/console" && kept=yes
		;;
	*) echo "guest.sh: there is no --vmm $vmm" >&2 && exit 2 ;;
	esac
	tr -d '\r' < "$work/console" | sed -n '/^rvlitmus: begin/,/^rvlitmus: end/p' > "$mode$end"
	grep -q '^rvlitmus: end' "$mode$end" || {
		echo "guest.sh: the guest with Ztso $mode did not come to its end:" >&2
		tail -n 20 "$work/console" >&2
		exit 2
	}
}

boot on ztso
boot off rvwmo
if [ -n "$cost" ]; then
	echo "Ztso on:" && cat on.cost && echo "Ztso off:" && cat off.cost
	exit 0
fi

grep '^Violation ' on.log && exit 1
if [ $kept = yes ] || grep -q '^harts:.* ztso ' off.log; then
	echo "the guest that was to have no Ztso has it: this kernel or VMM does not turn it off" && exit 2
fi

# What Ztso forbids, seen with Ztso off, shows that the bit works. Other states come by chance.
sed -n 's/^Relaxed \(.* which rvwmo allows seen .*\), first with.*/with Ztso off: \1/p' off.log > "$work/weaker"
cat "$work/weaker"
if [ -s "$work/weaker" ]; then
	echo "$(wc -l < "$work/weaker") states that Ztso forbids were seen with Ztso off: the bit works"
else
	echo "with Ztso off no state was seen that Ztso forbids: whether the bit works is not known"
fi
grep '^Violation ' off.log && echo "with Ztso off a state outside RVWMO was seen" && exit 1
grep -q '^rvlitmus: end, exit code 0' on.log || { echo "with Ztso on not all was run or checked: see on.log" && exit 2; }
echo "nothing that Ztso forbids was seen with Ztso on"
