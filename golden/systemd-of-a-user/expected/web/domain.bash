# What holds for every run of web. Sourced by run.sh, never run.
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 '/home/user/back up 100%/web' push
expect_disk vda file qcow2 /home/user/images/vda.qcow2

loaded domain
