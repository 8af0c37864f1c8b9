import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { nvramPath, settleFirmware, startedPaused, sumOf, tpmOf, writeVariable } from "./firmware.js";
import { type Guest, sh, startGuest, tidemark, UEFI_AND_TPM } from "./guest.js";
import { manifestOf, type Nights, type PolicyText, underPolicy } from "./nights.js";

/* What of a machine is not on its disks: the variables of its firmware, the state of its TPM, its XML. */
const NAME = "tmlive-machine";
const DISKS = [{ target: "vda", format: "qcow2", size: "4M" }] as const;

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

function begin(text: PolicyText = {}): { host: Guest; nights: Nights } {
  // libvirt gives the socket of the TPM to the user of its settings, not to that of the domain's label.
  const host = startGuest(NAME, DISKS, undefined, null, UEFI_AND_TPM);
  guest = host;
  settleFirmware(host);
  // On a busy machine it may write once more, later.
  host.virsh("suspend");
  const nights = underPolicy(host, text);
  nights.compile();
  return { host, nights };
}

const nvramOf = () => nvramPath({ name: NAME });
const setVariable = (value: string) => writeVariable({ name: NAME }, value);

function filesOf(nights: Nights, point: string): string[] {
  return (manifestOf(nights, point).machine ?? []).map(({ file }) => file);
}

it("a restore point holds NVRAM, TPM and both XMLs as they were, each for its owner alone", () => {
  const { host, nights } = begin({
    retention: "{ keepLast: 2 }",
    top: "consolidate: true",
    schedule: '[{ level: incremental, at: "0 1 * * *" }]',
  });
  const was = new Map<string, string>();
  for (const night of ["one", "two", "three", "four"]) {
    setVariable(night);
    const sums = [sumOf(nvramOf()), sumOf(tpmOf(host))].join();
    const { point } = nights.run();
    was.set(point, sums);
    expect(filesOf(nights, point)).toEqual(["nvram.raw", "tpm2-00.permall", "active.xml"]);
  }
  expect(nights.compareAll()).toBe(2);
  for (const [point, sums] of was) {
    const folder = join(nights.folder, point);
    if (!existsSync(folder)) continue;
    expect([sumOf(join(folder, "nvram.raw")), sumOf(join(folder, "tpm2-00.permall"))].join()).toBe(sums);
    for (const file of ["nvram.raw", "tpm2-00.permall"])
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, "active.xml"), "utf8")).toContain(nvramOf());
    expect(manifestOf(nights, point).deviation).toBeUndefined();
    sh("bash", [nights.restoreScript, point, "--check-only"]);
  }
  expect(tidemark(host.folder, "verify", nights.repository)).toContain(
    "2 of 2 restore points can be restored",
  );
  const [point = ""] = [...was.keys()].slice(-1);
  writeFileSync(join(nights.folder, point, "tpm2-00.permall"), "another");
  const checked = sh("bash", [nights.restoreScript, point, "--check-only"], { status: 3 });
  expect(checked.stderr).toContain("tpm2-00.permall is not what was backed up");
  const verified = sh(
    "node",
    [join(import.meta.dirname, "../../dist/bin/tidemark.js"), "verify", nights.repository],
    { status: 1 },
  );
  expect(verified.stderr).toContain("tpm2-00.permall has another checksum than the manifest says");
});

it("a stopped domain's are copied as well, and one that never ran has none", () => {
  const { host, nights } = begin({ top: "onStopped: offline-copy" });
  setVariable("before it stopped");
  host.virsh("destroy");
  const { point } = nights.run();
  expect(filesOf(nights, point)).toEqual(["nvram.raw", "tpm2-00.permall"]);
  expect(sumOf(join(nights.folder, point, "nvram.raw"))).toBe(sumOf(nvramOf()));
  expect(sumOf(join(nights.folder, point, "tpm2-00.permall"))).toBe(sumOf(tpmOf(host)));
  sh("rm", ["-rf", nvramOf(), `/var/lib/libvirt/swtpm/${host.uuid}`]);
  const never = nights.run();
  expect(filesOf(nights, never.point)).toEqual([]);
  expect(manifestOf(nights, never.point).deviation).toBe("offline copy");
  nights.compareAll();
});

it("what cannot be copied is told, and the disks are backed up nevertheless", () => {
  const { host, nights } = begin();
  renameSync(tpmOf(host), `${tpmOf(host)}.away`);
  const writer = sh("bash", [
    "-c",
    'for ((i = 0; i < 300; i++)); do printf "%d" $i | dd of="$1" conv=notrunc bs=1 seek=32768 status=none; sleep 0.1; done >/dev/null 2>&1 & echo $!',
    "-",
    nvramOf(),
  ]).stdout.trim();
  const { point, output } = nights.run();
  sh("kill", [writer], { status: "any" });
  expect(output).toMatch(
    /warning: this restore point does not hold the whole machine: the NVRAM \(.*was written all the time\); the TPM's state \(/,
  );
  expect(filesOf(nights, point)).toEqual(["active.xml"]);
  expect(manifestOf(nights, point).deviation).toMatch(/^without the NVRAM .*; the TPM's state /);
  nights.compareAll();
});

it("a run that is killed while it copies leaves nothing of it", () => {
  const { nights } = begin();
  nights.run({ fault: "machine:kill", status: "signal" });
  nights.run();
  expect(nights.compareAll()).toBe(1);
});

it("variables in a qcow2 image are taken from a running guest only if each cluster is allocated", () => {
  const { host } = begin();
  const script = `set -euo pipefail
source templates/lib/guard.bash off
for module in messages state json manifest chain machine; do source "templates/lib/$module.bash"; done
if is_allocated "$1"; then printf all; else printf some; fi`;
  const image = join(host.folder, "nvram.qcow2");
  const allocated = () => sh("bash", ["-c", script, "-", image]).stdout;
  sh("qemu-img", ["convert", "-U", "-O", "qcow2", nvramOf(), image]);
  expect(allocated()).toBe("all");
  sh("qemu-io", ["-c", "write -z 64k 64k", image]);
  expect(allocated()).toBe("some");
});

/** Two nights, the second with other variables; the guest is as it was in the second. */
function twoNights() {
  const begun = begin();
  setVariable("first night");
  begun.nights.run();
  setVariable("second night");
  const { point } = begun.nights.run();
  return { ...begun, point, folder: join(begun.nights.folder, point) };
}

const virsh = (...args: readonly string[]) => sh("virsh", ["-c", "qemu:///system", ...args]).stdout;
const TO = ["-c", "qemu:///system", "--to"];

function forget(name: string): void {
  sh("virsh", ["-c", "qemu:///system", "destroy", "--domain", name], { status: "any" });
  sh("virsh", ["-c", "qemu:///system", "undefine", "--domain", name, "--nvram"], { status: "any" });
}

it("beside: the new domain starts with copies of NVRAM and TPM, and shares nothing with the old one", () => {
  const { host, nights, point, folder } = twoNights();
  const copy = `${NAME}-copy`;
  forget(copy);
  try {
    const to = join(host.folder, "restored");
    sh("bash", [nights.restoreScript, point, ...TO, to, "--define", copy]);
    const { xml, nvram, uuid, sums } = startedPaused(copy);
    expect(sums).toEqual([sumOf(join(folder, "nvram.raw")), sumOf(join(folder, "tpm2-00.permall"))]);
    expect(nvram).toBe(join(to, "nvram.raw"));
    expect(statSync(nvram).mode & 0o077).toBe(0);
    expect(uuid).not.toBe(host.uuid);
    for (const path of [nvramOf(), host.image("vda"), host.uuid]) expect(xml).not.toContain(path);
    const was = [sumOf(nvramOf()), sumOf(tpmOf(host))];
    forget(copy);
    // What libvirt removes with the copy is the copy's.
    expect([sumOf(nvramOf()), sumOf(tpmOf(host))]).toEqual(was);
    expect(existsSync(join("/var/lib/libvirt/swtpm", uuid))).toBe(false);
  } finally {
    forget(copy);
  }
});

it("beside: a restore that is killed at any step is called again, and ends right", () => {
  const { host, nights, point, folder } = twoNights();
  const copy = `${NAME}-copy`;
  const states = () => sh("ls", ["/var/lib/libvirt/swtpm"]).stdout.split("\n").sort();
  const before = states();
  try {
    for (const fault of ["restored", "put", "machine", "defined"]) {
      forget(copy);
      const to = join(host.folder, `killed at ${fault}`);
      const restore = (env: Record<string, string>, status: number | "any") =>
        sh("bash", [nights.restoreScript, point, ...TO, to, "--define", copy], { env, status });
      restore({ TIDEMARK_FAULT: `${fault}:kill` }, "any");
      if (fault === "defined") {
        expect(restore({}, 3).stderr).toContain(`there is a domain ${copy} already`);
      } else {
        restore({}, 0);
      }
      const { sums } = startedPaused(copy);
      expect(sums).toEqual([sumOf(join(folder, "nvram.raw")), sumOf(join(folder, "tpm2-00.permall"))]);
      expect(readdirSync(to).sort()).toEqual(["nvram.raw", "vda.qcow2"]);
      forget(copy);
      expect(states()).toEqual(before);
    }
  } finally {
    forget(copy);
  }
});

it("onto a block device, raw and qcow2; one that is too small, in use, or no device is refused", () => {
  const { host, nights, point, folder } = twoNights();
  const device = (size: string) => {
    const file = join(host.folder, `device ${size}`);
    sh("truncate", ["-s", size, file]);
    return sh("losetup", ["--show", "-f", file]).stdout.trim();
  };
  const [large, small] = [device("8M"), device("3M")];
  const copy = `${NAME}-copy`;
  const truth = () => sumOf(join(host.folder, "truth.raw"));
  sh("qemu-img", ["convert", "-O", "raw", join(folder, "vda.qcow2"), join(host.folder, "truth.raw")]);
  const restore = (status: number, ...args: readonly string[]) =>
    sh("bash", [nights.restoreScript, point, ...TO, join(host.folder, "x"), ...args], { status });
  try {
    expect(restore(3, "--device", `vda=${small}`, "--format", "raw").stderr).toMatch(
      /has 3 MiB, and the disk vda needs 4 MiB/,
    );
    expect(restore(3, "--device", `vda=${host.image("vda")}`).stderr).toContain("is no block device");
    expect(restore(3, "--device", `vdb=${large}`).stderr).toContain("this disk is not restored");
    sh("mkswap", ["-q", large]);
    sh("swapon", [large]);
    const swapped = restore(3, "--device", `vda=${large}`, "--format", "raw").stderr;
    expect(swapped).toContain(`${large} is in use: the host swaps to it`);
    sh("swapoff", [large]);
    sh("dd", ["if=/dev/urandom", `of=${large}`, "bs=1M", "count=8", "status=none"]);
    restore(0, "--device", `vda=${large}`, "--format", "raw");
    sh("dd", [`if=${large}`, `of=${join(host.folder, "back.raw")}`, "bs=1M", "count=4", "status=none"]);
    expect(sumOf(join(host.folder, "back.raw"))).toBe(truth());
    sh("dd", ["if=/dev/urandom", `of=${large}`, "bs=1M", "count=8", "status=none"]);
    restore(0, "--device", `vda=${large}`, "--define", copy);
    sh("qemu-img", ["convert", "-f", "qcow2", "-O", "raw", large, join(host.folder, "back.raw")]);
    expect(sumOf(join(host.folder, "back.raw"))).toBe(truth());
    expect(virsh("dumpxml", "--domain", copy)).toContain(`<source dev='${large}'/>`);
    expect(restore(3, "--device", `vda=${large}`).stderr).toContain(
      `is in use: it is a disk of the domain ${copy}`,
    );
  } finally {
    forget(copy);
    sh("swapoff", [large], { status: "any" });
    for (const each of [large, small]) sh("losetup", ["-d", each]);
  }
});

it("elsewhere: the domain itself comes back where it is lost, and nowhere else", () => {
  const { host, nights, point, folder } = twoNights();
  const to = join(host.folder, "restored");
  const restore = (status: number) =>
    sh("bash", [nights.restoreScript, point, ...TO, to, "--same-identity"], { status }).stderr;
  expect(restore(3)).toContain(`there is a domain ${NAME} already`);
  const mac = /<mac address='([^']*)'/.exec(virsh("dumpxml", "--domain", NAME))?.[1] ?? "";
  virsh("destroy", "--domain", NAME);
  virsh("undefine", "--domain", NAME, "--nvram", "--checkpoints-metadata");
  expect(existsSync(tpmOf(host))).toBe(false);
  restore(0);
  const { xml, uuid, sums } = startedPaused(NAME);
  expect(uuid).toBe(host.uuid);
  expect(mac).toMatch(/^52:54/);
  expect(xml).toContain(`<mac address='${mac}'/>`);
  expect(sums).toEqual([sumOf(join(folder, "nvram.raw")), sumOf(join(folder, "tpm2-00.permall"))]);
});
