# What holds for every run of mail. Sourced by run.sh, never run.
domain mail 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a02 /var/backup/libvirt/mail push
setting freeze-seconds 60
expect_disk vda file qcow2 /var/lib/libvirt/images/mail-vda.qcow2
expect_disk vdb file raw /var/lib/libvirt/images/mail-vdb.raw

loaded domain
