import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { quote } from "../../../src/emit/shell.js";

it("bash reads back every text that is quoted", () => {
  const hard = fc.string({ unit: fc.constantFrom(..."ab '\"$`\\!(){}[]*?~#&;|<>%=-ü日\n\t"), maxLength: 30 });
  const texts = fc.sample(hard, { numRuns: 500, seed: 6 });
  const script = `printf '%s\\0' ${texts.map(quote).join(" ")}`;
  const done = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(done.stdout.split("\0").slice(0, -1)).toEqual(texts);
});
