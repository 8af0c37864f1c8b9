/** What a measure is rounded to. */
const STEPS = [1, 1.5, 2, 3, 5, 7, 10];

/**
 * A measure, rounded up coarsely. It changes from night to night, and an inventory or a plan that is made again is to differ only
 * where it matters.
 */
export function coarselyUp(measure: number): number {
  const scale = scaleOf(measure);
  return scale * (STEPS.find((step) => measure <= step * scale) ?? 10);
}

/** The same, rounded down. */
export function coarselyDown(measure: number): number {
  const scale = scaleOf(measure);
  return scale * (STEPS.findLast((step) => measure >= step * scale) ?? 1);
}

function scaleOf(measure: number): number {
  return 10 ** Math.floor(Math.log10(Math.max(1, measure)));
}
