# What holds for every run of db. Sourced by run.sh, never run.
domain db 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b02 /var/backup/libvirt/db pull
bandwidth 0 31457280
server unix /run/tidemark/db.sock
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2

loaded domain
