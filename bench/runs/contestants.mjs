import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesOnDisk } from "./cost.mjs";
import { sh, URI } from "./guest.mjs";

const TIDEMARK = fileURLToPath(new URL("../../dist/bin/tidemark.js", import.meta.url));

/** tidemark's runs of a guest under a policy; each call of `next` is the command of the next slot. */
export function tidemark(guest, { schedule, retention, pull, compress, top = "" }) {
  const { folder, name } = guest;
  const repository = join(folder, "repository");
  mkdirSync(repository);
  const server = JSON.stringify(join(folder, "nbd"));
  const settings = [
    pull
      ? `mode: pull, scratch: ${JSON.stringify(folder)}, server: { transport: unix, socket: ${server} }`
      : "mode: push",
    ...(compress ? ["compress: zstd"] : []),
  ];
  writeFileSync(
    join(folder, "policy.yaml"),
    `version: 1
name: bench
repository: ${JSON.stringify(repository)}
horizon: { from: 2030-01-06, for: 60d }
schedule: ${schedule}
retention: ${retention}
${top}
defaults: { ${settings.join(", ")} }
domains: { ${JSON.stringify(name)}: {} }
`,
  );
  const call = (...args) => sh(process.execPath, [TIDEMARK, ...args], { cwd: folder });
  call("inventory", "-c", URI, "--repository", repository, "--", name);
  call("compile", "policy.yaml", "-o", "plan");
  const script = (file) => join(folder, "plan", name, file);
  const slots = sh(script("run.sh"), ["--list"])
    .split("\n")
    .map((line) => line.split("\t")[1])
    .filter(Boolean)
    .values();
  const points = () => readdirSync(join(repository, name)).filter((each) => each.startsWith("bench-"));
  return {
    repository,
    next: () => [script("run.sh"), ["-c", URI, slots.next().value]],
    restore: (to) => [script("restore.sh"), [points().sort().at(-1), "--to", to]],
    verify: () => [process.execPath, [TIDEMARK, "verify", repository]],
    images: () =>
      points()
        .sort()
        .map((point) => guest.disks.map(({ target }) => join(repository, name, point, `${target}.qcow2`)))
        .filter((each) => each.every(existsSync)),
  };
}

/** libvirt's own job and nothing else: begun, and asked every 20 ms whether it has ended. */
export function bareJob({ folder, name, disks }) {
  let count = 0;
  const script = join(folder, "bare.sh");
  writeFileSync(
    script,
    `#!/bin/bash
set -e
virsh -c ${URI} backup-begin ${name} --reuse-external --backupxml "$1" --checkpointxml "$2"
while virsh -c ${URI} backup-dumpxml ${name} 2>/dev/null; do sleep 0.02; done
`,
  );
  chmodSync(script, 0o755);
  return (isFull) => {
    const base = count;
    count += 1;
    const images = disks.map(({ target }) => join(folder, `bare-${count}-${target}.qcow2`));
    for (const [index, image] of images.entries()) {
      const { "virtual-size": size } = JSON.parse(
        sh("qemu-img", ["info", "-U", "--output=json", disks[index].path]),
      );
      sh("qemu-img", ["create", "-q", "-f", "qcow2", image, String(size)]);
    }
    const backup = `<domainbackup mode='push'>${isFull ? "" : `<incremental>bare-${base}</incremental>`}<disks>${disks
      .map(
        ({ target }, index) =>
          `<disk name='${target}' backup='yes' type='file'><target file='${images[index]}'/><driver type='qcow2'/></disk>`,
      )
      .join("")}</disks></domainbackup>`;
    writeFileSync(join(folder, "bare.backup.xml"), backup);
    writeFileSync(
      join(folder, "bare.checkpoint.xml"),
      `<domaincheckpoint><name>bare-${count}</name></domaincheckpoint>`,
    );
    return {
      command: [script, [join(folder, "bare.backup.xml"), join(folder, "bare.checkpoint.xml")]],
      images,
    };
  };
}

/** virtnbdbackup of Debian; why it cannot take part, or its commands. */
export function peer({ folder, name }) {
  const found = spawnSync("virtnbdbackup", ["--version"], { encoding: "utf8" });
  if (found.status !== 0) return { why: "virtnbdbackup is not installed: apt-get install virtnbdbackup" };
  let output;
  let count = 0;
  return {
    version: found.stdout.trim(),
    /** Its compression is lz4. */
    full: (compress) => {
      count += 1;
      output = join(folder, `peer-${count}`);
      const options = compress ? ["-z"] : [];
      return ["virtnbdbackup", ["-n", "-U", URI, "-d", name, "-l", "full", ...options, "-o", output]];
    },
    incremental: () => ["virtnbdbackup", ["-n", "-U", URI, "-d", name, "-l", "inc", "-o", output]],
    /** Of the newest full and its incrementals. */
    storedBytes: () =>
      bytesOnDisk(readdirSync(output).flatMap((each) => (each.endsWith(".data") ? join(output, each) : []))),
    restore: (to) => ["virtnbdrestore", ["-n", "-U", URI, "-a", "restore", "-i", output, "-o", to]],
  };
}
