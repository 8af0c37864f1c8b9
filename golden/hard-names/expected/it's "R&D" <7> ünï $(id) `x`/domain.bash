# What holds for every run of it's "R&D" <7> ünï $(id) `x`. Sourced by run.sh, never run.
domain "it's \"R&D\" <7> ünï \$(id) \`x\`" 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 "/var/backup/it's \"here\" & <there> \$HOME/it's \"R&D\" <7> ünï \$(id) \`x\`" push
expect_disk vda file qcow2 "/images/a 'b' \"c\" & <d>.qcow2"

loaded domain
