import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { digest } from "../../../src/planner/digest.js";

/** Keys that are left out among others, and values that JSON has and has not. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(undefined, null, true, 0, -1.5, "", 'ü"\\\n', "domain"),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("location", "title", "domains", "a", "1"), tie("any"), { maxKeys: 4 }),
  ),
})).any;

test("a digest in pieces is that of the whole text", () => {
  const unread = new Set(["title"]);
  fc.assert(
    fc.property(value, (each) => {
      const text = JSON.stringify(each, (key, inner) =>
        key === "location" || unread.has(key) ? undefined : inner,
      );
      const whole = createHash("sha256")
        .update(text ?? "null")
        .digest("hex");
      expect(digest(each, unread)).toBe(`sha256:${whole}`);
    }),
    { numRuns: 2000 },
  );
});
