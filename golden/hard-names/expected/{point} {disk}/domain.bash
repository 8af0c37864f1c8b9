# What holds for every run of {point} {disk}. Sourced by run.sh, never run.
domain '{point} {disk}' 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1bbb "/var/backup/it's \"here\" & <there> \$HOME/{point} {disk}" push
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2

loaded domain
