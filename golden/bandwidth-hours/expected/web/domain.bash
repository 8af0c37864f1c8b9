# What holds for every run of web. Sourced by run.sh, never run.
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
bandwidth 0 52428800
bandwidth 360 0
bandwidth 480 20971520
bandwidth 1080 0
bandwidth 1320 52428800
bandwidth 1800 0
bandwidth 1920 20971520
bandwidth 2520 0
bandwidth 2760 52428800
bandwidth 3240 0
bandwidth 3360 20971520
bandwidth 3960 0
bandwidth 4200 52428800
bandwidth 4680 0
bandwidth 4800 20971520
bandwidth 5400 0
bandwidth 5640 52428800
bandwidth 6120 0
bandwidth 6240 20971520
bandwidth 6840 0
bandwidth 7080 52428800
bandwidth 7560 0
bandwidth 8520 52428800
bandwidth 9000 0
bandwidth 9960 52428800
clock 0 3600
clock 1806195600 7200
clock 1824944400 3600
clock 1837645200 7200
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2

loaded domain
