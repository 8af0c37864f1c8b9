import { afterEach, expect, it } from "vitest";
import { type Guest, startGuest } from "../guest.js";
import { pullMode, underPolicy } from "../nights.js";
import { count } from "../tally.js";
import { startLibvirtd, stopLibvirtd } from "./daemon.js";

let guest: Guest | undefined;
afterEach(() => guest?.remove());

/** Alone in its project: while the daemon is away, no other test can be run. */
it.each(["copied vda", "begun", "create vdb"])("libvirtd is restarted at %s", (place) => {
  const host = startGuest("tmlive-daemon", [
    { target: "vda", format: "qcow2", size: "4M" },
    { target: "vdb", format: "qcow2", size: "4M" },
  ]);
  guest = host;
  const nights = underPolicy(host, { defaults: pullMode(host.folder) });
  nights.compile();
  nights.run();
  count("faults");
  nights.run({
    fault: `${place}:stop`,
    status: "any",
    whileStopped: () => {
      stopLibvirtd();
      startLibvirtd();
    },
  });
  nights.run();
  nights.run();
  expect(nights.compareAll()).toBeGreaterThanOrEqual(3);
});
