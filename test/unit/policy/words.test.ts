import { describe, expect, it } from "vitest";
import { nearest } from "../../../src/diagnostics/did-you-mean.js";
import { exactness, globMatcher } from "../../../src/policy/glob.js";
import { folderMode, parseMode } from "../../../src/policy/permissions.js";
import { type Margin, parseMargin } from "../../../src/policy/quantity.js";
import { parseSpan, parseWait, spanSeconds } from "../../../src/policy/span.js";

describe("globs", () => {
  it.each([
    ["db-*", "db-1", true],
    ["db-*", "adb-1", false],
    ["vd?", "vda", true],
    ["vd?", "vdaa", false],
    ["vd[b-d]", "vdc", true],
    ["vd[!b-d]", "vdc", false],
    ["a.c", "abc", false],
    ["a+(b)", "a+(b)", true],
    ["[z-a]", "[z-a]", true],
    ["x*y", "x*y", true],
    ["*", "line\nend", true],
    ["ü?", "ü😀", true],
  ])("%s and %j: %s", (pattern, name, matches) => expect(globMatcher(pattern)(name)).toBe(matches));

  it("rank plain names over globs, and long globs over short ones", () => {
    expect(["*", "db-*", "db-[12]", "db-1"].map(exactness)).toEqual([0, 3, 3, Number.POSITIVE_INFINITY]);
  });
});

describe("spans", () => {
  it.each([
    ["2w", { weeks: 2 }],
    ["1y5m7d2h", { years: 1, months: 5, days: 7, hours: 2 }],
    ["90min", { minutes: 90 }],
    ["1m30min", { months: 1, minutes: 30 }],
    ["14d1m", { months: 1, days: 14 }],
    ["1y1d1m", { years: 1, months: 1, days: 1 }],
    ["30min1h", { hours: 1, minutes: 30 }],
    ["0d1y", { years: 1 }],
  ])("%s", (text, units) => expect(parseSpan(text)).toEqual({ text, units }));
  it.each(["", "5", "5x", "1d1d", "1m2m", "1h30m", "1h1d30m", "123456d", "-1d", "1.5d", "0d", "1d "])(
    "%j is none",
    (text) => expect(parseSpan(text)).toBeUndefined(),
  );
  it("may be none where it is a wait", () => {
    expect(parseWait("0min")).toEqual({ text: "0min", units: {} });
    expect(parseWait("")).toBeUndefined();
  });

  it("is a clock's length when asked", () => {
    const span = parseSpan("1d6h30min");
    expect(span && spanSeconds(span)).toBe(109_800);
  });
});

describe("margins", () => {
  it.each<[string, Margin | undefined]>([
    ["10%", { percent: 10, bytes: 0 }],
    ["0%", { percent: 0, bytes: 0 }],
    ["16MiB", { percent: 0, bytes: 2 ** 24 }],
    ["10% + 16MiB", { percent: 10, bytes: 2 ** 24 }],
    ["10%+1G", { percent: 10, bytes: 2 ** 30 }],
    ["16MiB + 10%", undefined],
    ["10% 16MiB", undefined],
    ["1.5%", undefined],
    ["10% +", undefined],
    ["", undefined],
  ])("%j", (text, margin) => expect(parseMargin(text)).toEqual(margin));
});

describe("modes of files", () => {
  it.each([
    ["0640", "0640", "0750"],
    ["600", "0600", "0700"],
    ["0664", "0664", "0775"],
    ["0666", undefined, undefined],
    ["0755", undefined, undefined],
    ["0440", undefined, undefined],
    ["416", undefined, undefined],
  ])("%s", (text, mode, folders) => {
    const read = parseMode(text);
    expect([read, read && folderMode(read)]).toEqual([mode, folders]);
  });
});

describe("did you mean", () => {
  it.each([
    ["retenton", ["retention", "repository"], "retention"],
    ["Keeplast", ["keepLast"], "keepLast"],
    ["pulsh", ["push", "pull"], "push"],
    ["teh", ["the"], "the"],
    ["xyz", ["abc"], undefined],
  ])("%s", (word, known, meant) => expect(nearest(word, known)).toBe(meant));
});
