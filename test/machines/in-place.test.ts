import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { Guest } from "../live/guest.js";
import {
  bootOf,
  boots,
  expectRows,
  forgetMachine,
  frozenNights,
  loseBootEntry,
  loseTpm,
  nightWhileWriting,
  restore,
  seal,
  startMachine,
  unseal,
  writeRows,
} from "./machine.js";

const [NAME, COPY] = ["tmlive-guest-in-place", "tmlive-guest-in-place-copy"];

let guest: Guest | undefined;
afterEach(() => {
  forgetMachine(COPY);
  forgetMachine(NAME);
  guest?.remove();
  guest = undefined;
});

it("the guest goes back to before it lost its boot entry and its TPM's keys; each of three more nights is right", () => {
  forgetMachine(COPY);
  const host = startMachine(NAME);
  guest = host;
  seal(NAME, "opened in place");
  writeRows(NAME);
  const nights = frozenNights(host);
  const { point, before } = nightWhileWriting(host, nights);
  loseBootEntry(NAME);
  loseTpm(NAME);
  expect(unseal(NAME)).toBeUndefined();
  restore(nights, point, "--replace", "--yes", "--stop-within", "30");
  expect(boots(NAME)).toBe(true);
  expect(unseal(NAME)).toBe("opened in place");
  expectRows(NAME, before);

  const rows = new Map([[point, before]]);
  writeRows(NAME);
  for (let night = 0; night < 3; night++) {
    const later = nightWhileWriting(host, nights);
    rows.set(later.point, later.before);
  }
  host.virsh("destroy");
  expect(nights.compareRestored()).toEqual([...rows.keys()]);
  for (const [each, acknowledged] of rows) {
    restore(nights, each, "--to", join(host.folder, each), "--define", COPY);
    expect(bootOf(COPY), each).toBeDefined();
    expect(unseal(COPY), each).toBe("opened in place");
    expectRows(COPY, acknowledged);
    forgetMachine(COPY);
  }
});
