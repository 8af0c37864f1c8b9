import type { AnsiblePlan } from "../emit/ansible.js";
import type { Policy } from "../policy/policy.js";
import type { HostPlans } from "./plans.js";

/** The data for the playbook of a policy; undefined if the policy has no `ansible`. */
export function ansibleOf(
  policy: Policy,
  hosts: readonly Pick<HostPlans, "header">[],
): AnsiblePlan | undefined {
  const { ansible, maxConcurrent, systemd } = policy;
  return (
    ansible && {
      ...ansible,
      policy: policy.name,
      ...(maxConcurrent !== undefined && { maxConcurrent }),
      ...(systemd && { timerDirectory: systemd.directory }),
      hosts: hosts.flatMap(({ header: { host: name = "", repository } }) => {
        const host = policy.hosts?.[name];
        return host === undefined ? [] : [{ address: name, ...host, name, repository }];
      }),
    }
  );
}
