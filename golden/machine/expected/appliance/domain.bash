# What holds for every run of appliance. Sourced by run.sh, never run.
domain appliance 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b02 /var/backup/libvirt/appliance push
expect_disk vda file qcow2 /var/lib/libvirt/images/appliance.qcow2

loaded domain
