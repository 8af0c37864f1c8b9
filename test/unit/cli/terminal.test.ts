import { expect, it } from "vitest";
import { fit } from "../../../src/cli/terminal.js";

it.each([60, 80, 120])("breaks what is too long at %i columns, and loses no word", (width) => {
  const text = [
    "  protected      3 domains, 4 disks",
    "  expected       959 GiB copied; 785 GiB in the repository at the end, 828 GiB at most",
    "  2026-12-12T02:00:00+01:00  incremental   since nightly-20261211T010000Z  (vdb full)  then deletes 4",
    "",
  ].join("\n");
  const broken = fit(text, width);
  for (const line of broken.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  expect(broken.split(/\s+/)).toEqual(text.split(/\s+/));
});

it("puts what goes on under the text beside a short title, and leaves what fits as it is", () => {
  expect(fit("  kept           the last 3, 7 daily, 4 weekly", 30)).toBe(
    "  kept           the last 3, 7\n                 daily, 4\n                 weekly",
  );
  expect(fit("  a  b", 30)).toBe("  a  b");
  expect(fit("  a  b".repeat(50), Number.POSITIVE_INFINITY)).toBe("  a  b".repeat(50));
});
