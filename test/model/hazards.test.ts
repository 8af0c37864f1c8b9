import { afterAll, expect, it } from "vitest";
import { policyOf } from "../support/plans.js";
import { HazardScene } from "./hazard-scene.js";
import { HAZARDS } from "./hazards.js";
import { Scene } from "./scene.js";

/*
 * What may come upon a host, each in turn, and nights before and after it through the scripts: no restore point that is there may ever
 * read otherwise than the disks were.
 */
let met = 0;
afterAll(() => console.log(`hazards met: ${met}`));

const written = policyOf({ retention: { keepLast: 2 }, onDrift: "full", maxChainLength: 3 });

for (const { name, happen } of HAZARDS) {
  it.concurrent(name, async () => {
    const formats = ["qcow2", "qcow2"] as const;
    const scene = await Scene.begin({ written, mode: "push", freeze: false, formats, days: 30 });
    try {
      met += 1;
      const on = new HazardScene(scene);
      const wrong = await happen(on);
      expect([...on.wrong, ...wrong, ...scene.wrong()].join("\n")).toBe("");
    } finally {
      scene.world.remove();
    }
  });
}
