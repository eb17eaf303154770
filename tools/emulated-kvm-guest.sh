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

root=$work/root
mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/guest" "$work/image" "$work/busybox"
for package in $image; do dpkg-deb -x "$package" "$work/image"; done
dpkg-deb -x "$busybox" "$work/busybox"
cp "$(find "$work/busybox" -path '*/bin/busybox' -type f | head -n 1)" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
cp "$lkvm" "$root/bin/lkvm"
cp "$folder/rvlitmus" "$folder/guest.sh" "$root/guest"
kernel=$(find "$work/image" -name 'vmlinu*' -type f | head -n 1)
cp "$kernel" "$root/Image"

# kvm.ko with what it depends on, in the order of loading.
modules=
add() {
	for file in $(find "$work/image" -name "$1.ko*"); do
		case $file in
		*.xz) xz -dk "$file" && file=${file%.xz} ;;
		*.zst) zstd -dq "$file" && file=${file%.zst} ;;
		esac
		for needed in $(modinfo -F depends "$file" | tr ',' ' '); do
			add "$needed"
		done
		cp "$file" "$root/"
		modules="$modules $(basename "$file")"
	done
}
add kvm

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
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 > "$work/initrd"

timeout "${TIMEOUT:-2400}" "${QEMU:-qemu-system-riscv64}" -machine virt -cpu "${CPU:-rv64,h=true,ztso=true}" \
	-smp 2 -m 2G -no-reboot -display none -serial "file:$work/serial" -kernel "$kernel" -initrd "$work/initrd" \
	-append "console=ttyS0 quiet loglevel=3 panic=-1" < /dev/null >&2 || true
tr -d '\r' < "$work/serial" > "$work/console"
sed '/^BEGIN-GUEST$/,/^END-GUEST$/d' "$work/console" >&2
grep -q '^END-GUEST$' "$work/console" || { cat "$work/console" >&2; echo "the guest did not come to its end" >&2; exit 1; }
sed -n '/^BEGIN-GUEST$/,/^END-GUEST$/p' "$work/console" | sed '1d;$d'
