import type { DomainPlan, PlanHeader, Run } from "../plan/plan.js";
export function renderRunScript(_p: PlanHeader, _d: DomainPlan, _r: Run): string {
  return "x\n";
}
export function libFiles(): { path: string; text: string }[] {
  return [];
}
