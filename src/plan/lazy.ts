import type { DomainPlan, Plan, PlanHeader } from "./plan.js";

/** A plan whose domains are had one at a time, each when it is asked for, so that plans of any size can be looked at. */
export interface LazyPlan {
  readonly header: PlanHeader;
  readonly domains: readonly LazyDomain[];
}

export interface LazyDomain extends Pick<DomainPlan, "name" | "uuid" | "host" | "directory"> {
  readonly plan: () => DomainPlan;
  /** As plan.json has it; absent where the plan comes from elsewhere. */
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

/** Whether two domains are known to be planned alike without a look into them. */
export function isSameText(one: LazyDomain, other: LazyDomain): boolean {
  return (
    one.host === other.host &&
    one.json !== undefined &&
    other.json !== undefined &&
    one.json().equals(other.json())
  );
}
