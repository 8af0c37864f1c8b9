# What holds for every run of web-1. Sourced by run.sh, never run.
domain web-1 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a01 /var/backup/libvirt/web-1 push
setting freeze-seconds 60
expect_disk vda file qcow2 /var/lib/libvirt/images/web-1-vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/web-1-vdb.qcow2
expect_disk sda file raw ''

loaded domain
