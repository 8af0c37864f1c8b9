import type { DomainPlan, Plan, PlanHeader } from "./plan.js";

/** A plan that reads its domains one at a time, when they are needed, so that a plan of any size can be read. */
export interface LazyPlan {
  readonly header: PlanHeader;
  readonly domains: readonly LazyDomain[];
}

export interface LazyDomain extends Pick<DomainPlan, "name" | "uuid" | "host" | "directory"> {
  readonly plan: () => DomainPlan;
  /** Text in plan.json; absent if the plan is not from a file. */
  readonly json?: () => Buffer;
}

/** A plan that is in memory as a whole. */
export function held({ domains, ...header }: Plan): LazyPlan {
  return {
    header,
    domains: domains.map((plan) => ({ ...namesOf(plan), plan: () => plan })),
  };
}

export function namesOf({
  name,
  uuid,
  host,
  directory,
}: DomainPlan): Pick<DomainPlan, "name" | "uuid" | "host" | "directory"> {
  return { name, uuid, ...(host !== undefined && { host }), directory };
}

/** Whether the text of two domains is the same, so that they need not be parsed. */
export function isSameText(one: LazyDomain, other: LazyDomain): boolean {
  return (
    one.host === other.host &&
    one.json !== undefined &&
    other.json !== undefined &&
    one.json().equals(other.json())
  );
}
