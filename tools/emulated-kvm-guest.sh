#!/bin/sh
# Runs a guest of `rvlitmus emit --target kvm-guest` under real KVM in an emulated machine: QEMU with the hypervisor
# extension, a Debian kernel with its KVM in it, and in that kvmtool, which boots the same kernel with Ztso and without.
# Shows that kernel, VMM, init and comparison work together. Not for CI: it takes minutes.
#
#     tools/emulated-kvm-guest.sh LINUX_IMAGE_DEB BUSYBOX_STATIC_DEB LKVM FOLDER [SECONDS] > guest.log
#
# The two packages are Debian's for riscv64, as tools/onereg-record-emulated.sh has them. LKVM is kvmtool for riscv64,
# built as `lkvm-static`; FOLDER is what `rvlitmus emit` wrote, built (HARTS=..., default 2). Needed besides: QEMU 8 or
# later (QEMU=..., default qemu-system-riscv64), dpkg-deb, cpio, xz and modinfo.
set -eu

image=$1 busybox=$2 lkvm=$3 folder=$4 seconds=${5:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$(dirname "$0")/emulated-machine.sh"
unpack "$image" "$busybox"
mkdir -p "$root/tmp" "$root/guest"
cp "$lkvm" "$root/bin/lkvm"
cp "$folder/rvlitmus" "$folder/guest.sh" "$root/guest"
kernel=$(find "$work/image" -name 'vmlinu*' -type f | head -n 1)
cp "$kernel" "$root/Image"

cat > "$root/init" <<INIT
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp HARTS=${HARTS:-2}
exec > /dev/console 2>&1
for module in $modules; do insmod /\$module; done
echo; echo BEGIN-GUEST
cd /guest && ./guest.sh --vmm kvmtool --time $seconds /Image
echo "guest.sh: exit code \$?"
for log in on off; do echo "--- \$log.log"; cat \$log.log; done
echo; echo END-GUEST
poweroff -f
INIT
pack

timeout "${TIMEOUT:-2400}" "${QEMU:-qemu-system-riscv64}" -machine virt -cpu "${CPU:-rv64,h=true,ztso=true}" \
	-smp 2 -m 2G -no-reboot -display none -serial "file:$work/serial" -kernel "$kernel" -initrd "$work/initrd" \
	-append "console=ttyS0 quiet loglevel=3 panic=-1" < /dev/null >&2 || true
tr -d '\r' < "$work/serial" > "$work/console"
sed '/^BEGIN-GUEST$/,/^END-GUEST$/d' "$work/console" >&2
grep -q '^END-GUEST$' "$work/console" || { cat "$work/console" >&2; echo "the guest did not come to its end" >&2; exit 1; }
sed -n '/^BEGIN-GUEST$/,/^END-GUEST$/p' "$work/console" | sed '1d;$d'
