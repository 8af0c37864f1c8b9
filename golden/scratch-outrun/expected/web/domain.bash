# What holds for every run of web. Sourced by run.sh, never run.
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web pull
bandwidth 0 20971520
server unix /run/tidemark/web.sock
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2

loaded domain
