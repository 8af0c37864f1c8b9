import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../../src/inventory/manifest.js";
import { type Guest, sh, startGuest, UEFI_AND_TPM } from "./guest.js";
import { type Nights, type PolicyText, underPolicy } from "./nights.js";

/** A running domain with firmware, a TPM and one disk, under a compiled policy. */
export function startMachine(name: string, text: PolicyText = {}): { host: Guest; nights: Nights } {
  const disk = { target: "vda", format: "qcow2", size: "4M" } as const;
  // libvirt gives the socket of the TPM to the user of its settings, not to that of the domain's label.
  const host = startGuest(name, [disk], undefined, null, UEFI_AND_TPM);
  try {
    settleFirmware(name);
    const nights = underPolicy(host, text);
    nights.compile();
    return { host, nights };
  } catch (reason) {
    host.remove();
    throw reason;
  }
}

/** Waits until the firmware, which writes into its variables, has found that there is nothing to boot. */
export function settleFirmware(name: string): void {
  while (Date.now() - statSync(nvramPath(name)).mtimeMs < 4000) sh("sleep", ["0.5"]);
}

/** Where libvirt keeps the variables of a domain's firmware. */
export const nvramPath = (name: string) => `/var/lib/libvirt/qemu/nvram/${name}_VARS.fd`;

/** The file of a TPM's state. */
export const tpmOf = ({ uuid }: Pick<Guest, "uuid">) => `/var/lib/libvirt/swtpm/${uuid}/tpm2/tpm2-00.permall`;

/** Writes into the variables, as the firmware does: in place. */
export function writeVariable(name: string, value: string): void {
  const file = openSync(nvramPath(name), "r+");
  writeSync(file, value, 0x8000);
  closeSync(file);
}

export function manifestOf({ folder }: Nights, point: string): Manifest {
  return JSON.parse(readFileSync(join(folder, point, "manifest.json"), "utf8")) as Manifest;
}

/** sha256 of a file. */
export const sumOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** What a domain that starts paused has of the machine, before its firmware runs: sums of its NVRAM and its TPM's state. */
export function startedPaused(name: string) {
  const virsh = (...args: readonly string[]) => sh("virsh", ["-c", "qemu:///system", ...args]).stdout;
  virsh("start", "--domain", name, "--paused");
  const xml = virsh("dumpxml", "--domain", name);
  const [, nvram = ""] = /<nvram[^>]*>([^<]*)</.exec(xml) ?? [];
  const [, uuid = ""] = /<uuid>([^<]*)</.exec(xml) ?? [];
  return { xml, nvram, uuid, sums: [sumOf(nvram), sumOf(tpmOf({ uuid }))] };
}
