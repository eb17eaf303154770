#!/bin/sh
# Records the ONE_REG interface of a Debian kernel in an emulated machine: QEMU with the hypervisor extension,
# the kernel's KVM in it, tools/onereg-record.c as the only program. Not for CI: it takes minutes.
#
#     tools/onereg-record-emulated.sh LINUX_IMAGE_DEB BUSYBOX_STATIC_DEB [CPU] > host.json
#
# The two packages are Debian's for riscv64: `linux-image-*-riscv64` and `busybox-static`, fetched with
# `apt-get download` for that architecture. From Debian's 7.2 on a kernel comes in two, `linux-binary-*` and
# `linux-modules-*`: quote both names as one argument, a space between. CPU is QEMU's, default
# `rv64,h=true,v=true,ztso=true`. Needed besides: QEMU 8 or later (QEMU=..., default qemu-system-riscv64), a cross
# compiler (CC=..., default riscv64-linux-gnu-gcc), dpkg-deb, cpio, xz and modinfo. What the kernel printed goes to
# standard error.
set -eu

image=$1
busybox=$2
cpu=${3:-rv64,h=true,v=true,ztso=true}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$(dirname "$0")/emulated-machine.sh"
unpack "$image" "$busybox"
"${CC:-riscv64-linux-gnu-gcc}" -O2 -Wall -static -o "$root/bin/onereg-record" "$here/onereg-record.c"

cat > "$root/init" <<INIT
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
exec > /dev/console 2>&1
for module in $modules; do /bin/busybox insmod /\$module; done
echo; echo BEGIN-TRANSCRIPT
/bin/onereg-record
echo; echo END-TRANSCRIPT
/bin/busybox poweroff -f
INIT
pack

kernel=$(find "$work/image" -name 'vmlinu*' -type f | head -n 1)
timeout "${TIMEOUT:-1200}" "${QEMU:-qemu-system-riscv64}" -machine virt -cpu "$cpu" -smp 1 -m 1G -no-reboot \
	-display none -serial "file:$work/serial" -kernel "$kernel" -initrd "$work/initrd" \
	-append "console=ttyS0 quiet loglevel=3 panic=-1" < /dev/null >&2 || true
tr -d '\r' < "$work/serial" > "$work/console"
sed '/^BEGIN-TRANSCRIPT$/,/^END-TRANSCRIPT$/d' "$work/console" >&2
grep -q '^END-TRANSCRIPT$' "$work/console" || { echo "no whole transcript came out" >&2; exit 1; }
sed -n '/^BEGIN-TRANSCRIPT$/,/^END-TRANSCRIPT$/p' "$work/console" | sed '1d;$d'
