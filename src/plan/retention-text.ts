import type { Retention } from "../policy/policy.js";

const COUNTS = [
  ["keepHourly", "hourly"],
  ["keepDaily", "daily"],
  ["keepWeekly", "weekly"],
  ["keepMonthly", "monthly"],
  ["keepYearly", "yearly"],
  ["keepFull", "newest fulls"],
  ["keepDifferential", "newest differentials or fulls"],
] as const;

const WITHIN = [
  ["keepWithin", "all"],
  ["keepWithinHourly", "hourly"],
  ["keepWithinDaily", "daily"],
  ["keepWithinWeekly", "weekly"],
  ["keepWithinMonthly", "monthly"],
  ["keepWithinYearly", "yearly"],
] as const;

/** The rules in words: `the last 3, 7 daily, all of 2w`. */
export function retentionText(retention: Retention): string {
  const { keepLast, keep = [] } = retention;
  const amount = (count: number) => (count === -1 ? "all" : String(count));
  const rules = [
    ...(keepLast === undefined ? [] : [keepLast === -1 ? "everything" : `the last ${keepLast}`]),
    ...COUNTS.flatMap(([rule, what]) => {
      const count = retention[rule];
      // pgBackRest, of which the rule is, keeps every full where nothing says how many.
      const alone =
        rule === "keepDifferential" && retention.keepFull === undefined ? " and no older full" : "";
      return count === undefined ? [] : `${amount(count)} ${what}${alone}`;
    }),
    ...WITHIN.flatMap(([rule, what]) => {
      const span = retention[rule];
      return span === undefined ? [] : `${what} of the newest ${span.text}`;
    }),
    ...(keep.length > 0 ? [`for ever ${keep.join(", ")}`] : []),
  ];
  return rules.length === 0 ? "everything, for ever" : rules.join(", ");
}
