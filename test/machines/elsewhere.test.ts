import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { nvramPath, tpmOf } from "../live/firmware.js";
import type { Guest } from "../live/guest.js";
import {
  bootOf,
  boots,
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

const NAME = "tmlive-guest-elsewhere";

let guest: Guest | undefined;
afterEach(() => {
  forgetMachine(NAME);
  guest?.remove();
  guest = undefined;
});

it("where nothing is left of it, the domain itself boots, opens its secret, and has every row", () => {
  const host = startMachine(NAME);
  guest = host;
  seal(NAME, "opened elsewhere");
  writeRows(NAME);
  const nights = frozenNights(host);
  const { point, before } = nightWhileWriting(host, nights);
  forgetMachine(NAME);
  expect([nvramPath(host), tpmOf(host)].filter(existsSync)).toEqual([]);
  restore(nights, point, "--to", join(host.folder, "restored"), "--same-identity");
  expect(bootOf(NAME)).toBeDefined();
  expect(unseal(NAME)).toBe("opened elsewhere");
  expectRows(NAME, before);

  // At once, and it stays when its images no longer build on those of the repository.
  forgetMachine(NAME);
  restore(nights, point, "--to", join(host.folder, "instant"), "--same-identity", "--instant");
  expect(boots(NAME)).toBe(true);
  expect(unseal(NAME)).toBe("opened elsewhere");
  expectRows(NAME, before);
});
