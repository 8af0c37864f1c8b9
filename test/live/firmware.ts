import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { type Guest, sh } from "./guest.js";

/* What of a guest is not on its disks: the variables of its firmware, and the state of its TPM. */

export const nvramPath = ({ name }: Pick<Guest, "name">) => `/var/lib/libvirt/qemu/nvram/${name}_VARS.fd`;
export const tpmOf = ({ uuid }: Pick<Guest, "uuid">) => `/var/lib/libvirt/swtpm/${uuid}/tpm2/tpm2-00.permall`;

/** Waits until the firmware has found that there is nothing to boot; until then it writes into its variables. */
export function settleFirmware(guest: Pick<Guest, "name">): void {
  while (Date.now() - statSync(nvramPath(guest)).mtimeMs < 4000) sh("sleep", ["0.5"]);
}

/** Writes into the variables, as the firmware does: in place. */
export function writeVariable(guest: Pick<Guest, "name">, value: string): void {
  const file = openSync(nvramPath(guest), "r+");
  writeSync(file, value, 0x8000);
  closeSync(file);
}

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
