# Sourced by the scripts that boot a Debian kernel in an emulated machine with the hypervisor extension.
#
# Needs dpkg-deb, cpio, xz and modinfo.

# Unpacks a kernel's packages (one argument, blanks between) and busybox into a folder: `$work/root` is the machine's
# file system, with busybox, and with kvm.ko and what it depends on; `$modules` names these in the order of loading.
unpack() {
	root=$work/root
	mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$work/image" "$work/busybox"
	for package in $1; do dpkg-deb -x "$package" "$work/image"; done
	dpkg-deb -x "$2" "$work/busybox"
	cp "$(find "$work/busybox" -path '*/bin/busybox' -type f | head -n 1)" "$root/bin/busybox"
	ln -s busybox "$root/bin/sh"
	modules=
	add_module kvm
}

add_module() {
	local file needed
	for file in $(find "$work/image" -name "$1.ko*"); do
		case $file in
		*.xz) xz -dk "$file" && file=${file%.xz} ;;
		*.zst) zstd -dq "$file" && file=${file%.zst} ;;
		esac
		for needed in $(modinfo -F depends "$file" | tr ',' ' '); do
			add_module "$needed"
		done
		cp "$file" "$root/"
		modules="$modules $(basename "$file")"
	done
}

# Packs the file system into `$work/initrd`.
pack() {
	chmod +x "$root/init"
	(cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 > "$work/initrd"
}
