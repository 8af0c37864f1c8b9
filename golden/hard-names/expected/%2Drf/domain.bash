# What holds for every run of -rf. Sourced by run.sh, never run.
domain -rf 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b03 "/var/backup/it's \"here\" & <there> \$HOME/%2Drf" push
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2

loaded domain
