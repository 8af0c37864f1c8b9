import { expect, it } from "vitest";
import { afterSteps } from "../../../src/plan/replay.js";
import { foldsDue } from "../../../src/planner/domain/fold.js";
import { needsOf, POINTS, type Point } from "../../../src/planner/domain/point.js";
import { retainer } from "../../../src/planner/domain/retain.js";
import type { Retention } from "../../../src/policy/policy.js";

/** `F`, or `I<F`: a restore point of one disk and what it builds on; `I<F+G` of two disks. */
function chainOf(text: string): Point[] {
  return text.split(" ").map((item, index): Point => {
    const [point = "", under] = item.split("<");
    const disks = (under ?? "")
      .split("+")
      .map((base, disk) => ({ target: `vd${"ab"[disk]}`, base: base || null }));
    return {
      point,
      time: index * 86_400_000,
      level: under === undefined ? "full" : "incremental",
      needs: needsOf(disks),
      disks,
    };
  });
}

function folded(text: string, rules: Retention): string {
  const points = chainOf(text);
  const folds = foldsDue(points, retainer(rules, "UTC", false)(points));
  const gone = folds.flatMap(({ of }) => of);
  const changes = afterSteps(POINTS, { points, checkpoints: [] }, [
    ...folds.map((fold) => ({ do: "consolidate", ...fold, becauseOf: [] }) as const),
    { do: "prune", points: gone, becauseOf: [] },
  ]);
  const after = (changes.at(-1)?.after.points ?? []).map(({ point, level, disks }) =>
    level === "full" ? point : `${point}<${disks.map(({ base }) => base ?? "").join("+")}`,
  );
  return `${folds.map(({ into, of }) => `${of}>${into}`).join(" ")} | ${after.join(" ")}`;
}

it.each<[string, string, Retention, string]>([
  [
    "a dead prefix goes into the first that is kept",
    "F I1<F I2<I1 I3<I2",
    { keepLast: 2 },
    "I1,F>I2 | I2 I3<I2",
  ],
  [
    "what is dead in the middle goes into the next",
    "F I1<F I2<I1 I3<I2",
    { keepLast: 1, keep: ["F"] },
    "I2,I1>I3 | F I3<F",
  ],
  ["what two build on stays, and is not there twice", "F D1<F D2<F", { keepLast: 2 }, " | F D1<F D2<F"],
  ["also under what is dead itself", "F D1<F D2<F I<D2", { keepLast: 1, keep: ["D1"] }, "D2>I | F D1<F I<F"],
  ["each disk keeps to its own chain", "F I1<F+F G<+F I2<I1+G", { keepLast: 1 }, "G,I1,F>I2 | I2"],
  ["nothing is dead, nothing is folded", "F I1<F", { keepLast: 2 }, " | F I1<F"],
])("%s", (_, text, rules, expected) => expect(folded(text, rules)).toBe(expected));
