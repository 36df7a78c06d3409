#!/bin/sh
# Process 1 of the practice cluster: starts the services, restarts one that ends, collects orphans, stops on SIGTERM.
# When it ends, the kernel ends everything else in the cluster and takes its mounts away.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
cd /
umask 022
# Proxy settings of this computer, if any.
set -a
. /etc/practice/environment
set +a

stop() {
    trap '' TERM
    : >/run/stopping
    kill -TERM -1
    wait
    exit 0
}
trap stop TERM

service() {
    name=$1
    shift
    (
        # A handler, not "ignore": the service itself must not inherit that. The shell goes on once the service ended.
        trap : TERM
        while [ ! -e /run/stopping ]; do
            "$@" >>"/var/log/practice/$name.log" 2>&1 </dev/null
            status=$?
            [ -e /run/stopping ] && break
            echo "$name ended with exit status $status; starting it again" >>"/var/log/practice/$name.log"
            sleep 1
        done
    ) &
}

as() {
    user=$1
    shift
    setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}

rm -rf /var/log/practice
mkdir -p /var/log/practice /var/log/munge /run/sshd /run/lock /var/spool/slurmctld /var/spool/slurmd
install -d -o munge -g munge -m 755 /run/munge
chown munge:munge /etc/munge /etc/munge/munge.key /var/lib/munge /var/log/munge
[ "$(stat -c %u /home/learner)" = 1000 ] || chown learner:learner /home/learner
if [ ! -e /home/learner/.profile ]; then
    as learner cp -R /etc/skel/. /home/learner/
fi
[ -d /home/visitor ] || { cp -R /etc/skel /home/visitor && chown -R visitor:visitor /home/visitor; }
chmod 700 /home/visitor
for user in learner visitor; do
    install -d -o "$user" -g "$user" -m 700 "/scratch/$user"
done
chown -R docker-registry:docker-registry /var/lib/docker-registry
chown docker-registry /etc/practice/registry.key
chmod 400 /etc/practice/registry.key
rm -f /etc/practice/htpasswd
htpasswd -i -c -B /etc/practice/htpasswd learner </etc/practice/registry-password 2>/dev/null
chown docker-registry /etc/practice/htpasswd
chmod 400 /etc/practice/htpasswd
rm -f /etc/practice/registry-password

service sshd /usr/sbin/sshd -D -e -f /etc/practice/sshd_config
service registry setpriv --reuid docker-registry --regid docker-registry --clear-groups \
    docker-registry serve /etc/practice/registry.yml
service mirror setpriv --reuid docker-registry --regid docker-registry --clear-groups \
    docker-registry serve /etc/practice/mirror.yml
service munged setpriv --reuid munge --regid munge --clear-groups munged --foreground
until [ -S /run/munge/munge.socket.2 ]; do sleep 0.05; done
service slurmctld slurmctld -D
service slurmd slurmd -D

# `wait` collects every child that ends, adopted ones too; a signal ends it early.
while :; do
    wait
done
