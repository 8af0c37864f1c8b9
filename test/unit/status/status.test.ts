import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { renderHtmlStatus } from "../../../src/emit/status-html.js";
import type { Manifest } from "../../../src/inventory/manifest.js";
import { held } from "../../../src/plan/lazy.js";
import type { DomainPlan, Plan } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import type { Outcome } from "../../../src/repository/outcomes.js";
import { factsOf } from "../../../src/status/facts.js";
import type { Present } from "../../../src/status/present.js";
import type { DomainStatus, Status } from "../../../src/status/status.js";
import { statusOfPlan, statusOfRepository } from "../../../src/status/status-of.js";
import { diskOf, inventoryOf, manifestOf, policyOf } from "../../support/plans.js";

const isStatus = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(new URL("../../../schemas/status.schema.json", import.meta.url), "utf8")),
);

/** Twenty nights at two, a full on Sundays; seven restore points are kept. */
const plan = compile(
  policyOf({
    schedule: [
      { level: "full", at: ["0 2 * * sun"] },
      { level: "incremental", at: ["0 2 * * mon-sat"] },
    ],
    retention: { keepLast: 7 },
  }),
  inventoryOf([diskOf("vda", "qcow2")]),
  { from: "2026-12-01T00:00:00Z", until: "2026-12-21T00:00:00Z" },
).plan as Plan;
const domain = plan.domains[0] as DomainPlan;

const night = (day: number) => `2026-12-${String(day).padStart(2, "0")}T02:00:00Z`;
const manifestsOf = (days: readonly number[], changes: Partial<Manifest> = {}) =>
  domain.runs
    .filter(({ slot }) => days.some((day) => night(day) === slot))
    .map((run) => ({ ...manifestOf(domain, run), ...changes }));
const outcome = (day: number, changes: Partial<Outcome> = {}): Outcome => ({
  slot: night(day),
  outcome: "failed",
  exit: 1,
  at: night(day).replace("02:00", "02:03"),
  step: "begin the backup",
  why: "libvirt refused",
  ...changes,
});

function presentOf(changes: Partial<Present>): Present {
  return {
    directory: "vm",
    name: "vm",
    uuid: domain.uuid,
    manifests: [],
    damaged: [],
    broken: [],
    unfinished: false,
    verified: new Map(),
    ...changes,
  };
}

/** The status of the domain, which is as its schema says. */
function statusAt(
  at: string,
  present: Partial<Present> | undefined,
  maxAge?: number,
): [DomainStatus, Status] {
  const whole = statusOfPlan(held(plan), () => present && presentOf(present), {
    at: Date.parse(at),
    timezone: "UTC",
    ...(maxAge !== undefined && { maxAge }),
  });
  expect(isStatus(whole), JSON.stringify(isStatus.errors)).toBe(true);
  return [whole.domains[0] as DomainStatus, whole];
}
const remarksAt = (...args: Parameters<typeof statusAt>) => {
  const [{ remarks, state }] = statusAt(...args);
  return [state, ...remarks.map(({ grade, kind, text }) => `${grade} ${kind}: ${text}`)];
};

describe("a planned domain", () => {
  it("is well while each slot that has come has its restore point", () => {
    const [status] = statusAt("2026-12-04T12:00:00Z", { manifests: manifestsOf([1, 2, 3, 4]) });
    expect(status).toMatchObject({
      state: "well",
      remarks: [],
      last: { point: "p-20261204T020000Z", level: "incremental" },
      age: 36_000,
      next: { slot: night(5), start: night(5), level: "incremental" },
      chain: 4,
      bytes: 4,
    });
    expect(status.slots?.map(({ state }) => state)).toEqual(["done", "done", "done", "done"]);
  });

  it("is well before its first slot, whatever is there", () => {
    expect(remarksAt("2026-12-01T01:00:00Z", undefined)).toEqual(["well"]);
  });

  it("is late once the newest slot's run should have ended, and not while it may be at work", () => {
    const three = { manifests: manifestsOf([1, 2, 3]) };
    expect(remarksAt("2026-12-04T02:30:00Z", three)).toEqual(["well"]);
    expect(statusAt("2026-12-04T02:30:00Z", three)[0].slots?.at(-1)?.state).toBe("due");
    expect(remarksAt("2026-12-05T01:00:00Z", three)).toEqual([
      "alarm",
      "alarm late: the run of 2026-12-04 02:00 was not made",
    ]);
    expect(remarksAt("2026-12-06T01:00:00Z", three)[1]).toBe(
      "alarm late: the run of 2026-12-05 02:00 was not made; 2 slots since the last restore point have none",
    );
  });

  it("tells how the newest run failed, at once", () => {
    const present = { manifests: manifestsOf([1, 2, 3]), outcomes: [outcome(4)] };
    expect(remarksAt("2026-12-04T02:10:00Z", present)).toEqual([
      "alarm",
      'alarm failed: the run of 2026-12-04 02:00 failed with exit status 1 at "begin the backup": libvirt refused',
    ]);
    const refused = {
      ...present,
      outcomes: [outcome(4, { outcome: "refused", exit: 3, why: "disk vdb was added" })],
    };
    expect(remarksAt("2026-12-04T02:10:00Z", refused)[1]).toBe(
      "alarm failed: the run of 2026-12-04 02:00 was refused: disk vdb was added",
    );
  });

  it("is only to be looked at where a failure was made good", () => {
    const retried = {
      manifests: manifestsOf([1, 2, 3, 4]),
      outcomes: [outcome(4), outcome(4, { outcome: "done", exit: 0, why: "" })],
    };
    expect(remarksAt("2026-12-04T12:00:00Z", retried)).toEqual(["well"]);
    const nextNight = { manifests: manifestsOf([1, 2, 4]), outcomes: [outcome(3)] };
    expect(remarksAt("2026-12-04T12:00:00Z", nextNight)).toEqual([
      "attention",
      "attention missed: 1 slot of the last seven days has no restore point: 2026-12-03 02:00",
    ]);
    // After a week it is only listed.
    const later = { manifests: manifestsOf([1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]), outcomes: [outcome(3)] };
    expect(remarksAt("2026-12-12T12:00:00Z", later)).toEqual(["well"]);
    expect(statusAt("2026-12-12T12:00:00Z", later)[0].slots?.[2]).toEqual({
      slot: night(3),
      level: "incremental",
      state: "failed",
      why: 'failed with exit status 1 at "begin the backup": libvirt refused',
    });
  });

  it("is no alarm where a younger restore point has what the missed slot would have had", () => {
    const younger = manifestsOf([3], { point: "p-20261204T090000Z", slot: "2026-12-04T09:00:00Z" });
    expect(remarksAt("2026-12-04T12:00:00Z", { manifests: [...manifestsOf([1, 2, 3]), ...younger] })).toEqual(
      ["attention", "attention late: the run of 2026-12-04 02:00 was not made"],
    );
  });

  it("is well where it was skipped because it does not run", () => {
    const present = {
      manifests: manifestsOf([1, 2]),
      outcomes: [outcome(3, { outcome: "skipped", exit: 0, why: "" })],
    };
    expect(remarksAt("2026-12-03T12:00:00Z", present)).toEqual(["well"]);
  });

  it("does not call a slot missed that the plan has deleted since, unless the record lacks it", () => {
    const kept = [13, 14, 15, 16, 17, 18, 19];
    const [status] = statusAt("2026-12-19T12:00:00Z", { manifests: manifestsOf(kept) });
    expect(status.slots?.[0]?.state).toBe("gone");
    const outcomes = [1, 2, 3, 5].map((day) => outcome(day, { outcome: "done", exit: 0, why: "" }));
    const [recorded] = statusAt("2026-12-19T12:00:00Z", { manifests: manifestsOf(kept), outcomes });
    expect(recorded.slots?.slice(0, 5).map(({ state }) => state)).toEqual([
      "done",
      "done",
      "done",
      "missed",
      "done",
    ]);
  });

  it("is an alarm after the plan's end, and to be looked at in its last fifth", () => {
    const all = { manifests: manifestsOf(Array.from({ length: 20 }, (_, index) => index + 1)) };
    expect(remarksAt("2026-12-16T23:00:00Z", all)).toEqual(["well"]);
    expect(remarksAt("2026-12-17T01:00:00Z", all)).toEqual([
      "attention",
      "attention ends-soon: the plan ends on 2026-12-21 00:00: compile the policy again before that",
    ]);
    expect(remarksAt("2026-12-21T00:00:00Z", all)[1]).toMatch(
      /^alarm expired: the plan ended on 2026-12-21 00:00/,
    );
  });

  it("tells deviations, what was not frozen, and what is unfinished", () => {
    const [status, whole] = statusAt("2026-12-03T12:00:00Z", {
      manifests: [
        ...manifestsOf([1, 2]),
        ...manifestsOf([3], {
          level: "full",
          planned: "incremental",
          deviation: "base missing: p-20261202T020000Z",
          frozen: false,
        }),
      ],
      unfinished: true,
    });
    expect(status.remarks.map(({ grade, kind }) => `${grade} ${kind}`)).toEqual([
      "attention deviation",
      "attention not-frozen",
      "attention unfinished",
    ]);
    expect(factsOf(status, whole)).toContainEqual([
      "deviations",
      "2026-12-03 02:00: full instead of incremental: base missing: p-20261202T020000Z",
    ]);
    expect(factsOf(status, whole)[0]?.[1]).toBe("2026-12-03 02:00, full, 10 h old, guest not frozen");
  });

  it("tells which restore point ends first, and what was to end and has not", () => {
    const tell = (at: string, days: readonly number[]) => {
      const [status, whole] = statusAt(at, { manifests: manifestsOf(days) });
      return factsOf(status, whole).find(([title]) => title === "next to end")?.[1];
    };
    // The chain of the first week goes when seven younger ones do not need it.
    const [first] = statusAt("2026-12-03T12:00:00Z", { manifests: manifestsOf([1, 2, 3]) })[0].points;
    const end = first?.end?.slot ?? "";
    expect(end > night(7)).toBe(true);
    const time = end.slice(0, 16).replace("T", " ");
    expect(tell("2026-12-03T12:00:00Z", [1, 2, 3])).toBe(`2026-12-01 02:00, deleted by the run of ${time}`);
    const day = Number(end.slice(8, 10));
    expect(tell(`2026-12-${day + 1}T12:00:00Z`, [1, 2, 3])).toBe(
      `2026-12-01 02:00, was to be deleted by the run of ${time}; the next run that is done does it`,
    );
  });

  it("leaves out restore points of another policy", () => {
    const [status] = statusAt("2026-12-02T12:00:00Z", {
      manifests: [...manifestsOf([1, 2]), ...manifestsOf([2], { policy: "other" })],
    });
    expect(status.points).toHaveLength(2);
  });
});

describe("verification", () => {
  const record = (point: string, changes: object = {}) =>
    new Map([[point, { point, at: "2026-12-03T09:00:00Z", checksums: true, restorable: true, ...changes }]]);
  const point = "p-20261202T020000Z";

  it("is told of each restore point, and counts only of the images that are there", () => {
    const manifests = manifestsOf([1, 2, 3]);
    const [status, whole] = statusAt("2026-12-03T12:00:00Z", { manifests, verified: record(point) });
    expect(status.points.map(({ verified }) => verified?.at)).toEqual([
      undefined,
      "2026-12-03T09:00:00Z",
      undefined,
    ]);
    expect(factsOf(status, whole)).toContainEqual([
      "verified",
      "2026-12-03 09:00, with checksums; 2 restore points never",
    ]);
    const folded = manifests.map((each) => ({
      ...each,
      consolidated: { at: "2026-12-03T10:00:00Z", of: [] },
    }));
    const [after] = statusAt("2026-12-03T12:00:00Z", { manifests: folded, verified: record(point) });
    expect(after.points.some(({ verified }) => verified !== undefined)).toBe(false);
  });

  it("is an alarm where it found a restore point broken", () => {
    expect(
      remarksAt("2026-12-03T12:00:00Z", {
        manifests: manifestsOf([1, 2, 3]),
        verified: record(point, { restorable: false }),
      }),
    ).toEqual([
      "alarm",
      `alarm broken: ${point} could not be restored when it was verified on 2026-12-03 09:00`,
    ]);
  });
});

describe("damage and age are alarms", () => {
  it.each([
    [
      { damaged: ["/repo/vm/x/manifest.json is empty"] },
      "damaged: a manifest is damaged: /repo/vm/x/manifest.json is empty",
    ],
    [
      { broken: [{ point: "p", target: "vda", fault: "is missing" }] },
      "broken: the image of disk vda in p is missing",
    ],
  ])("%j", (changes, text) => {
    const present = { manifests: manifestsOf([1, 2, 3]), ...changes };
    expect(remarksAt("2026-12-03T12:00:00Z", present)).toEqual(["alarm", `alarm ${text}`]);
  });

  it("of the last restore point", () => {
    const present = { manifests: manifestsOf([1, 2, 3]) };
    expect(remarksAt("2026-12-03T12:00:00Z", present, 36_000)).toEqual(["well"]);
    expect(remarksAt("2026-12-03T12:00:00Z", present, 35_999)).toEqual([
      "alarm",
      "alarm too-old: the last restore point is 10 h old, and at most 9 h 59 min is allowed",
    ]);
  });
});

describe("a repository alone", () => {
  const moment = { at: Date.parse("2026-12-04T12:00:00Z"), timezone: "UTC" };

  it("tells what is there, and the newest failure", () => {
    const manifests = manifestsOf([1, 2, 3]);
    const outcomes = [outcome(2), outcome(4)];
    const whole = statusOfRepository(
      [presentOf({ manifests }), presentOf({ name: "other", manifests, outcomes })],
      moment,
    );
    expect(isStatus(whole), JSON.stringify(isStatus.errors)).toBe(true);
    expect(whole.domains.map(({ name, state }) => [name, state])).toEqual([
      ["other", "alarm"],
      ["vm", "well"],
    ]);
    expect(whole.domains[0]?.remarks[0]?.text).toMatch(/^the run of 2026-12-04 02:00 failed/);
    expect(whole.summary).toEqual({ domains: 2, alarm: 1, attention: 0 });
  });

  it("forgets a failure that a younger restore point has made good", () => {
    const present = presentOf({ manifests: manifestsOf([1, 2, 3]), outcomes: [outcome(2)] });
    expect(statusOfRepository([present], moment).domains[0]?.state).toBe("well");
  });

  it("has an alarm for a domain without a restore point only where an age is asked for", () => {
    const present = [presentOf({})];
    expect(statusOfRepository(present, moment).domains[0]?.state).toBe("well");
    expect(statusOfRepository(present, { ...moment, maxAge: 60 }).domains[0]?.remarks).toMatchObject([
      { kind: "no-restore-point" },
    ]);
  });
});

it("names are data on the page", () => {
  const name = `</script><img src=x onerror="x">'&`;
  const page = renderHtmlStatus(
    statusOfRepository([presentOf({ name, manifests: manifestsOf([1]), damaged: [name] })], {
      at: Date.parse("2026-12-04T12:00:00Z"),
      timezone: "UTC",
    }),
  );
  expect(page).not.toContain("<img");
  expect(page).not.toContain("<script");
});
