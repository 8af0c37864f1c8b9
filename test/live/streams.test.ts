import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { sumOf } from "./firmware.js";
import { type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { type Nights, pullMode, underPolicy } from "./nights.js";
import { count } from "./tally.js";

const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "raw", size: "4M" },
] as const;

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

const SEND = 'mkdir -p "$V/$(dirname "$TIDEMARK_NAME")" && cat >"$V/$TIDEMARK_NAME"';

/** Nights whose disks go through `send` into a folder, the vault. */
function streaming(name: string, send = SEND, top = ""): { nights: Nights; vault: string } {
  const host = startGuest(name, DISKS);
  guest = host;
  const vault = join(host.folder, "the vault");
  const inVault = (command: string) => JSON.stringify(`V='${vault}'; ${command}`);
  const nights = underPolicy(host, {
    top,
    defaults: `
  mode: pull
  scratch: ${JSON.stringify(host.folder)}
  server: { transport: unix, socket: ${JSON.stringify(`${host.folder}/nbd`)} }
  stream:
    send: ${inVault(send)}
    receive: ${inVault('cat "$V/$TIDEMARK_NAME"')}
    delete: ${inVault('rm -f "$V/$TIDEMARK_NAME"')}`,
    domain: "{ disks: { vdb: { checkpoint: false } } }",
    retention: "{ keepLast: 5 }",
  });
  nights.compile();
  return { nights, vault };
}

const streamsOf = (vault: string) =>
  existsSync(vault)
    ? readdirSync(vault, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(vault.length + 1))
        .sort()
    : [];

it("streams come back as the disks were, and go when their restore points go", { tags: "core" }, () => {
  const { nights, vault } = streaming("tmlive-stream");
  for (let night = 0; night < 10; night++) {
    nights.run();
    if (night % 3 === 0) nights.compareAll();
  }
  nights.compareAll();
  const points = pointsOf(nights.folder);
  for (const point of points) {
    expect(readdirSync(join(nights.folder, point)).sort()).toEqual([
      "active.xml",
      "domain.xml",
      "manifest.json",
    ]);
  }
  expect(new Set(streamsOf(vault).map((name) => name.split("/")[1]))).toEqual(new Set(points));
});

it("a command that fails, or that does not read to the end, fails the run, and nothing is lost", () => {
  const { nights, vault } = streaming(
    "tmlive-stream-fails",
    `if [ -e "$V.full" ]; then head -c 512 >/dev/null; exit 28; elif [ -e "$V.short" ]; then head -c 512 >/dev/null; else ${SEND}; fi`,
  );
  nights.run();
  nights.run();
  for (const [trouble, says] of [
    ["full", /vda could not be sent \(exit status 28/],
    ["short", /vdb could not be sent/],
  ] as const) {
    sh("touch", [`${vault}.${trouble}`]);
    const failed = nights.run({ status: 1 });
    expect(failed.output).toMatch(says);
    expect(failed.output).toMatch(/undone: the checkpoint and the images of this run are deleted/);
    expect(streamsOf(vault).filter((name) => name.includes(failed.point))).toEqual([]);
    count("faults");
    sh("rm", [`${vault}.${trouble}`]);
    nights.compareAll();
    nights.run();
    nights.compareAll();
  }
});

it.each(["raw", "qcow2"])(
  "a command that hangs over %s is ended with the time limit, and the lock is free again",
  (format) => {
    const { nights, vault } = streaming(
      "tmlive-stream-hangs",
      `if [ -e "$V.hang" ] && [ "$TIDEMARK_FORMAT" = ${format} ]; then exec sleep 300; else ${SEND}; fi`,
    );
    nights.run();
    const shared = join(nights.guest.folder, "plan/plan.bash");
    sh("sed", ["-i", "s/^\\(answers .* \\)21600 /\\13 /", shared]);
    sh("touch", [`${vault}.hang`]);
    const failed = nights.run({ status: 1 });
    expect(failed.output).toMatch(/the copy took longer than 3 s/);
    expect(failed.output).toMatch(/undone: the checkpoint and the images of this run are deleted/);
    count("faults");
    sh("rm", [`${vault}.hang`]);
    nights.run();
    nights.compareAll();
  },
);

it.each(["sent vda:kill", "sent vda:fail", "sent vdb:kill", "sent vdb:term", "seal:kill", "pruned:kill"])(
  "a run cut short at %s is undone, what it sent included",
  (fault) => {
    const { nights, vault } = streaming("tmlive-stream-cut");
    for (let night = 0; night < 7; night++) nights.run();
    const cut = nights.run({ fault, status: "any" });
    count("faults");
    nights.run();
    nights.compareAll();
    const kept = pointsOf(nights.folder);
    expect(new Set(streamsOf(vault).map((name) => name.split("/")[1]))).toEqual(new Set(kept));
    expect(kept.includes(cut.point)).toBe(fault.startsWith("pruned"));
  },
);

it("a stream that was changed where it lies is refused", () => {
  const { nights, vault } = streaming("tmlive-stream-harm");
  nights.run();
  const { point } = nights.run();
  sh("bash", [
    "-c",
    'printf x | dd of="$1" bs=1 seek=70000 conv=notrunc',
    "-",
    join(vault, "tmlive-stream-harm", point, "vda.qcow2"),
  ]);
  const to = join(nights.guest.folder, "harmed");
  const done = sh("bash", [nights.restoreScript, point, "--to", to], { status: 3 });
  expect(done.stderr).toMatch(/its checksum differs from the manifest's/);
  expect(readdirSync(to)).toEqual([]);
});

it("a stream whose header is not as its manifest says is refused, although its checksum is right", () => {
  const { nights, vault } = streaming("tmlive-stream-forged");
  nights.run();
  const { point } = nights.run();
  const image = join(vault, "tmlive-stream-forged", point, "vda.qcow2");
  const was = sumOf(image);
  sh("qemu-img", ["rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", "/etc/hostname", image]);
  const manifest = join(nights.folder, point, "manifest.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(was, sumOf(image)));
  const to = join(nights.guest.folder, "forged");
  const done = sh("bash", [nights.restoreScript, point, "--to", to], { status: 3 });
  expect(done.stderr).toMatch(/vda\.stream builds on \/etc\/hostname, not on .* as its manifest says/);
  expect(readdirSync(to)).toEqual([]);
});

it("a domain that is down is streamed as it lies", () => {
  const { nights } = streaming("tmlive-stream-off", SEND, "onStopped: offline-copy");
  nights.run();
  nights.guest.virsh("destroy");
  // The base is not here to compare the disk with.
  const { point, output } = nights.run();
  expect(output).toMatch(/disk vda may not be the disk that .* is a backup of: QEMU has ended since/);
  nights.compareAll();
  expect(nights.run().output).toMatch(new RegExp(`disk vda: nothing was written since ${point}`));
  nights.compareAll();
  nights.guest.virsh("start");
  nights.run();
  nights.compareAll();
});

it("over TCP with TLS and certificates of both ends", { tags: "core" }, () => {
  const host = startGuest("tmlive-tls", DISKS);
  guest = host;
  const nights = underPolicy(host, {
    defaults: pullMode(host.folder, "{ transport: tcp, host: 127.0.0.1, port: 10988, tls: true }"),
    domain: "{ disks: { vdb: { checkpoint: false } } }",
  });
  nights.compile();
  for (let night = 0; night < 5; night++) nights.run();
  nights.compareAll();
  // Certificates are asked for: with a folder that has none of them, the copy fails and the run is undone.
  const failed = sh("bash", [nights.script, nights.left()[0] ?? ""], {
    env: { TIDEMARK_TLS_CERTIFICATES: host.folder, LIBVIRT_DEFAULT_URI: "qemu:///system" },
    status: 1,
  });
  expect(failed.stderr).toMatch(/could not be copied|could not be read/);
  nights.run();
  nights.compareAll();
});
