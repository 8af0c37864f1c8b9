import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Host } from "../inventory/inventory.js";
import { type Policy, placed } from "../policy/policy.js";

/** Longest checkpoint name: libvirt saves `<name>.xml`, and 252 characters already fail after the bitmap is made (seen on 9.0). */
const MAX_NAME = 200;

/** libvirt's and QEMU's first release that can do what a plan needs (libvirt NEWS 7.2.0, 7.6.0). */
const NEEDS = {
  push: { libvirt: "7.2.0", qemu: "4.2.0" },
  incremental: { libvirt: "7.6.0", qemu: "6.1.0" },
};

/** What can be said of a whole plan before any run: versions and names. */
export function checkHost(policy: Policy, host: Host, wantsCheckpoints: boolean): Diagnostic[] {
  const found: Diagnostic[] = [];
  const need = wantsCheckpoints ? NEEDS.incremental : NEEDS.push;
  for (const part of ["libvirt", "qemu"] as const) {
    if (isOlder(host[part], need[part])) {
      found.push({
        code: "TM404",
        severity: "error",
        message: `${wantsCheckpoints ? "incremental backups need" : "backups need"} ${part} ${need[part]} or newer, and the host has ${host[part]}`,
        hint: wantsCheckpoints ? "schedule only fulls, or update the host" : "update the host",
        ...placed(policy, "/schedule"),
      });
    }
  }
  const length = policy.name.length + "-YYYYMMDDTHHMMSSZ".length;
  if (length > MAX_NAME) {
    found.push({
      code: "TM401",
      severity: "error",
      message: `checkpoint names would be ${length} characters long, and libvirt cannot save more than ${MAX_NAME} safely`,
      hint: "shorten the policy's name",
      ...placed(policy, "/name"),
    });
  }
  return found;
}

function isOlder(version: string, least: string): boolean {
  const a = version.split(".").map(Number);
  const b = least.split(".").map(Number);
  for (const [index, part] of b.entries()) {
    const own = a[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}
