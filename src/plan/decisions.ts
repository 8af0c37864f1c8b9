/*
 * `diff` decides key by key what a change of a plan means. A table of decisions has every key of a type, so that a new key does not
 * compile until somebody has decided what is shown when it changes.
 */

/** Every key of a type; of a union those of each of its forms. */
type KeyOf<T> = T extends unknown ? keyof T : never;

/** What `diff` makes of each key of `T`; `F` is a function that compares the old value with the new one. */
export type Decisions<T, F> = { readonly [K in KeyOf<T>]: Decision<F> };

/**
 * Which keys are compared. A key that follows from other keys is compared only if those show no change: one change is not shown
 * twice, and no change stays hidden.
 */
export type Round = "direct" | "derived";

export interface Decision<F> {
  readonly rounds: readonly Round[];
  readonly compare?: F;
}

/** A change of the key is a change of the plan. */
export function shown<F>(compare: F): Decision<F> {
  return { rounds: ["direct"], compare };
}

/** The key follows from others. */
export function derived<F>(compare: F): Decision<F> {
  return { rounds: ["derived"], compare };
}

/** The key holds other tables' keys, which are asked in both rounds. */
export function within<F>(compare: F): Decision<F> {
  return { rounds: ["direct", "derived"], compare };
}

/** The key changes nothing that a run does. */
export function notShown(_why: string): Decision<never> {
  return { rounds: [] };
}

/** The functions to ask in a round, in the order of the table. */
export function asked<F>(decisions: Readonly<Record<string, Decision<F>>>, round: Round): F[] {
  return Object.values(decisions).flatMap(({ rounds, compare }) =>
    compare !== undefined && rounds.includes(round) ? [compare] : [],
  );
}
