# What holds for every run of db-1. Sourced by run.sh, never run.
domain db-1 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a03 /srv/backup/db-1 pull
server unix /run/tidemark/db-1.sock
expect_disk vda file qcow2 /var/lib/libvirt/images/db-1-vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/db-1-vdb.qcow2

loaded domain
