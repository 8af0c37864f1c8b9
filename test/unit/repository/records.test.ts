import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readOutcomes } from "../../../src/repository/outcomes.js";
import type { StoredDomain } from "../../../src/repository/repository.js";
import { readVerified, recordVerification } from "../../../src/repository/verified.js";
import type { Verification } from "../../../src/repository/verify.js";
import { readAs } from "../../support/tidemark.js";

const POINT = "p-20261201T020000Z";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidemark-records-"));
  mkdirSync(join(folder, ".tidemark"));
  mkdirSync(join(folder, POINT));
  writeFileSync(join(folder, POINT, "manifest.json"), "{}");
  chmodSync(join(folder, POINT, "manifest.json"), 0o640);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const RECORD = () => join(folder, ".tidemark/verified.json");

/** Records a verification of the restore point. */
function record(at: string, checksums: boolean, restorable: boolean, point = POINT) {
  const verification = {
    checksums,
    domains: [{ name: "vm", uuid: "", folder, points: [{ point, restorable, problems: [], disks: [] }] }],
  } as unknown as Verification;
  const stored = [
    { folder, points: [{ folder: join(folder, POINT) }] },
  ] as unknown as readonly StoredDomain[];
  return recordVerification(verification, stored, at);
}

describe("the record of verifications", () => {
  it("has the newest of each restore point, as its schema says, for whoever reads manifests", () => {
    expect(record("2026-12-02T09:00:00Z", true, true)).toEqual([]);
    expect([...readVerified(folder).values()]).toEqual([
      { point: POINT, at: "2026-12-02T09:00:00Z", checksums: true, restorable: true },
    ]);
    readAs("verified", readFileSync(RECORD(), "utf8"));
    expect(statSync(RECORD()).mode & 0o777).toBe(0o640);
    record("2026-12-03T09:00:00Z", true, true);
    expect(readVerified(folder).get(POINT)?.at).toBe("2026-12-03T09:00:00Z");
  });

  it("keeps what checksums said where a quick look finds nothing", () => {
    record("2026-12-02T09:00:00Z", true, false);
    record("2026-12-03T09:00:00Z", false, true);
    expect(readVerified(folder).get(POINT)).toMatchObject({ at: "2026-12-02T09:00:00Z", restorable: false });
    record("2026-12-04T09:00:00Z", true, true);
    record("2026-12-05T09:00:00Z", false, false);
    expect(readVerified(folder).get(POINT)).toMatchObject({ at: "2026-12-05T09:00:00Z", restorable: false });
  });

  it("forgets restore points that are gone", () => {
    record("2026-12-02T09:00:00Z", true, true, "p-20261130T020000Z");
    record("2026-12-03T09:00:00Z", true, true);
    expect([...readVerified(folder).keys()]).toEqual([POINT]);
  });

  it("writes through no link, and replaces one", () => {
    const other = join(folder, "other");
    writeFileSync(other, "precious");
    symlinkSync(other, RECORD());
    expect(record("2026-12-02T09:00:00Z", true, true)).toEqual([]);
    expect(readFileSync(other, "utf8")).toBe("precious");
    symlinkSync(other, `${RECORD()}.part.${process.pid}`);
    expect(record("2026-12-03T09:00:00Z", true, true)).toMatchObject([{ code: "TM512" }]);
    expect(readFileSync(other, "utf8")).toBe("precious");
    rmSync(join(folder, ".tidemark"), { recursive: true });
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(folder, ".tidemark"));
    expect(record("2026-12-02T09:00:00Z", true, true)).toMatchObject([
      { code: "TM512", severity: "warning", message: expect.stringContaining("is a link") },
    ]);
  });

  it("says what it could not write", () => {
    rmSync(join(folder, ".tidemark"), { recursive: true });
    writeFileSync(join(folder, ".tidemark"), "");
    expect(record("2026-12-02T09:00:00Z", true, true)).toMatchObject([
      { code: "TM512", severity: "warning" },
    ]);
  });

  it.each([
    "",
    "{",
    '{"formatVersion":"2.0","points":[]}',
    '{"formatVersion":"1.0","points":[{"point":"../x"}]}',
  ])("is empty if it is %j", (text) => {
    writeFileSync(RECORD(), text);
    expect(readVerified(folder).size).toBe(0);
  });
});

describe("the record of ended runs", () => {
  const LINE = {
    slot: "2026-12-01T02:00:00Z",
    outcome: "failed",
    exit: 1,
    at: "2026-12-01T02:03:00Z",
    step: "start",
    why: "",
  };
  const lines = (...texts: readonly string[]) => {
    writeFileSync(join(folder, ".tidemark/outcomes"), texts.join("\n"));
    return readOutcomes(folder);
  };

  it("is read line by line, without those that are not whole or hold anything else", () => {
    expect(lines(JSON.stringify({ ...LINE, more: 1 }), "", JSON.stringify(LINE).slice(0, 40))).toEqual([
      LINE,
    ]);
    for (const wrong of [
      { ...LINE, slot: "yesterday" },
      { ...LINE, outcome: "fine" },
      { ...LINE, exit: 1.5 },
      { ...LINE, why: "\u001b[2J" },
      { ...LINE, step: 7 },
      null,
    ])
      expect(lines(JSON.stringify(wrong))).toEqual([]);
  });

  it("may be missing", () => {
    expect(readOutcomes(folder)).toBeUndefined();
  });
});
