# What holds for every run of pulled. Sourced by run.sh, never run.
domain pulled 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1d01 /var/backup/libvirt/pulled pull
server unix /run/tidemark/pulled.sock
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2

loaded domain
