# What holds for every run of db-2. Sourced by run.sh, never run.
domain db-2 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a04 /srv/backup/db-2 pull
server unix /run/tidemark/db-2.sock
expect_disk vda file qcow2 /var/lib/libvirt/images/db-2-vda.qcow2
expect_disk vdb block qcow2 /dev/vg0/db-2-vdb

loaded domain
