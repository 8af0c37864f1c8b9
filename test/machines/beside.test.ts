import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { Guest } from "../live/guest.js";
import { sh } from "../live/guest.js";
import {
  bootOf,
  expectRows,
  forgetMachine,
  frozenNights,
  nightWhileWriting,
  restore,
  seal,
  startMachine,
  unseal,
  writeRows,
} from "./machine.js";

const [NAME, COPY] = ["tmlive-guest-beside", "tmlive-guest-beside-copy"];

let guest: Guest | undefined;
afterEach(() => {
  forgetMachine(COPY);
  forgetMachine(NAME);
  guest?.remove();
  guest = undefined;
});

const virsh = (...args: readonly string[]) => sh("virsh", ["-c", "qemu:///system", ...args]).stdout;

it("under a new identity the guest boots, opens its secret, and has every row; without NVRAM or TPM it does not", () => {
  forgetMachine(COPY);
  const host = startMachine(NAME);
  guest = host;
  seal(NAME, "opened beside");
  writeRows(NAME);
  const nights = frozenNights(host);
  const { point, before } = nightWhileWriting(host, nights);
  host.virsh("destroy");
  const to = join(host.folder, "restored");
  restore(nights, point, "--to", to, "--define", COPY);
  const took = bootOf(COPY) ?? Number.NaN;
  expect(took).toBeGreaterThan(0);
  expect(unseal(COPY)).toBe("opened beside");
  expectRows(COPY, before);

  // What the machine's files are for: the same disk without either.
  virsh("destroy", "--domain", COPY);
  const uuid = virsh("domuuid", "--domain", COPY).trim();
  rmSync(join("/var/lib/libvirt/swtpm", uuid), { recursive: true });
  expect(bootOf(COPY)).toBeDefined();
  expect(unseal(COPY)).toBeUndefined();
  virsh("destroy", "--domain", COPY);
  copyFileSync("/usr/share/OVMF/OVMF_VARS_4M.fd", join(to, "nvram.raw"));
  expect(bootOf(COPY, 2 * took + 10)).toBeUndefined();
});
