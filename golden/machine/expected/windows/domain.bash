# What holds for every run of windows. Sourced by run.sh, never run.
domain windows 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/windows push
expect_disk vda file qcow2 /var/lib/libvirt/images/windows.qcow2
expect_disk fda file raw /srv/drivers.img

loaded domain
