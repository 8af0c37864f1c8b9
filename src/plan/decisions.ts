/*
 * `diff` decides key by key what a change of a plan means. A table of decisions has every key of a type, so that a key that is
 * new does not compile until somebody has decided what is told when it changes.
 */

/** Every key of a type; of a union those of each of its forms. */
type KeyOf<T> = T extends unknown ? keyof T : never;

/** What `diff` makes of each key of `T`; `F` tells what has changed in it. */
export type Decisions<T, F> = { readonly [K in KeyOf<T>]: Decision<F> };

/**
 * Which decisions are asked. What follows from other keys is asked only where those tell nothing, so that one change is not told
 * twice, and none is told never.
 */
export type Round = "own" | "derived";

export interface Decision<F> {
  readonly rounds: readonly Round[];
  readonly tell?: F;
}

/** A change of the key is a change of the plan. */
export function told<F>(tell: F): Decision<F> {
  return { rounds: ["own"], tell };
}

/** The key follows from others. */
export function derived<F>(tell: F): Decision<F> {
  return { rounds: ["derived"], tell };
}

/** The key holds other tables' keys, which are asked in both rounds. */
export function within<F>(tell: F): Decision<F> {
  return { rounds: ["own", "derived"], tell };
}

/** The key changes nothing that a run does. */
export function untold(_why: string): Decision<never> {
  return { rounds: [] };
}

/** The functions to ask in a round, in the order of the table. */
export function asked<F>(decisions: Readonly<Record<string, Decision<F>>>, round: Round): F[] {
  return Object.values(decisions).flatMap(({ rounds, tell }) =>
    tell !== undefined && rounds.includes(round) ? [tell] : [],
  );
}
