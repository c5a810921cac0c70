# Run by root in namespaces of its own: a copy of this machine over the real one, in which the package `make` comes from
# a repository in a folder, one package is half configured, and somebody else holds apt's locks for a while.
# $1: an empty folder, $2: xtask.
set -eu
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
root=$1/root
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs none "$root/tmp"
mkdir -p "$root/tmp/clone/xtask" "$root/tmp/repository" "$root/tmp/package/DEBIAN" "$root/tmp/package/usr/bin"
cp "$2" "$root/tmp/program"

cat > "$root/tmp/inside" <<'INSIDE'
set -eu
export LC_ALL=C
cd /tmp
printf 'Package: make\nVersion: 999\nArchitecture: all\nMaintainer: nobody\nDescription: not the real one\n' \
    > package/DEBIAN/control
# As invoke-rc.d does it for a daemon.
printf '#!/bin/sh\n/usr/sbin/policy-rc.d some-daemon start; echo $? > /tmp/may-start\n' > package/DEBIAN/postinst
chmod 755 package/DEBIAN/postinst
printf '#!/bin/sh\n' > package/usr/bin/make
chmod 755 package/usr/bin/make
dpkg-deb --build package repository/make.deb > /dev/null
{
    cat package/DEBIAN/control
    echo "Filename: ./make.deb"
    echo "Size: $(stat -c %s repository/make.deb)"
    echo "SHA256: $(sha256sum repository/make.deb | cut -d ' ' -f 1)"
} > repository/Packages
gzip -k repository/Packages
echo 'Acquire::CompressionTypes::Order:: "gz";' > /etc/apt/apt.conf.d/99-gz
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
echo 'deb [trusted=yes] file:/tmp/repository ./' > /etc/apt/sources.list
dpkg --purge --force-depends make > /dev/null 2>&1
rm -f /usr/bin/make /usr/sbin/policy-rc.d
sed -i '/^Package: hostname$/,/^$/ s/^Status: .*/Status: install ok half-configured/' /var/lib/dpkg/status
hold='use Fcntl; for (@ARGV) { open my $file, ">>", $_ or die; push @files, $file;
    my $lock = pack("s s x4 l! l! i x4", F_WRLCK, 0, 0, 0, 0); fcntl($file, F_SETLK, $lock) or die } print "held\n"; close STDOUT; sleep 3'
perl -e "$hold" /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock > /tmp/held &
holder=$!
until [ -s /tmp/held ]; do kill -0 $holder; sleep 0.1; done

cd /tmp/clone
export CARGO_MANIFEST_DIR=/tmp/clone/xtask
/tmp/program up > /tmp/said 2>&1 &
up=$!
until grep -q 'was locked by another process' .threadly/logs/apt.log 2> /dev/null; do
    kill -0 $up || { cat /tmp/said; exit 1; }
    sleep 0.1
done
# Ctrl-C, while dpkg waits.
kill -INT $up
code=0
wait $up || code=$?
echo "up ended with $code"
cat /tmp/said .threadly/logs/apt.log
echo "make: $(dpkg-query -W -f '${Version} ${db:Status-Status}' make)"
echo "hostname: $(dpkg-query -W -f '${db:Status-Status}' hostname)"
echo "a daemon may start: $(cat /tmp/may-start)"
ls /usr/sbin/policy-rc.d /etc/postgresql-common/createcluster.d/threadly-xtask.conf 2>&1
INSIDE
exec chroot "$root" sh /tmp/inside
