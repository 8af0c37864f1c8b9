import * as fc from "fast-check";
import { expect, it } from "vitest";
import { bytesOf, scanDomains } from "../../../src/plan/scan.js";

const nasty = fc.string({ unit: fc.constantFrom(...'ab{}[],:"\\ \n/ü日'), maxLength: 12 });
const domains = fc.array(
  fc.dictionary(nasty, fc.oneof(nasty, fc.integer(), fc.array(nasty), fc.jsonValue())),
  {
    maxLength: 5,
  },
);
const others = fc.dictionary(
  nasty.filter((key) => key !== "domains" && key !== "__proto__"),
  fc.oneof(fc.constant("domains"), nasty, fc.array(nasty), fc.record({ domains: fc.array(nasty) })),
);
const layout = fc.constantFrom(undefined, 0, 2, "\t");

it("finds the domains of any layout, at any place, and leaves the rest", () => {
  fc.assert(
    fc.property(domains, others, others, layout, (list, before, after, space) => {
      const plan = { ...before, domains: list, ...after };
      const text = JSON.stringify(plan, null, space);
      const found = scanDomains(bytesOf(text));
      expect(JSON.parse(found?.rest ?? "")).toEqual(JSON.parse(JSON.stringify({ ...plan, domains: [] })));
      const bytes = Buffer.from(text);
      const parts = found?.domains.map(({ from, length }) => bytes.subarray(from, from + length).toString());
      expect(parts?.map((part) => JSON.parse(part))).toEqual(JSON.parse(JSON.stringify(list)));
    }),
    { numRuns: 500, seed: 6 },
  );
});

it("finds them where a piece that is read ends, at any byte of them", () => {
  const list = [{ 'a"': '\\"{[' }, { b: ["ü"] }];
  const tail = JSON.stringify({ domains: list }).slice(1);
  const piece = 1 << 20;
  for (let before = 0; before <= tail.length; before++) {
    const pad = "x".repeat(piece - before - '{"pad":"",'.length);
    const found = scanDomains(bytesOf(`{"pad":"${pad}",${tail}`));
    expect(found?.domains.map(({ length }) => length)).toEqual(
      list.map((each) => Buffer.byteLength(JSON.stringify(each))),
    );
  }
});

it.each([
  ["no list", "{}"],
  ["a list below the top", '{"a":{"domains":[{}]}}'],
  ["two of them", '{"domains":[],"domains":[]}'],
  ["numbers", '{"domains":[1]}'],
  ["texts", '{"domains":["{}"]}'],
  ["lists", '{"domains":[[]]}'],
  ["no comma", '{"domains":[{}{}]}'],
  ["two commas", '{"domains":[{},,{}]}'],
  ["a comma first", '{"domains":[,{}]}'],
  ["a comma last", '{"domains":[{},]}'],
  ["no end", '{"domains":[{}'],
  ["nothing", ""],
])("leaves %s to a parser of all", (_, text) => {
  expect(scanDomains(bytesOf(text))).toBeUndefined();
});
