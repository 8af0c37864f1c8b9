import type { AnsibleSetting } from "../policy/policy.js";
import { template, verbatim } from "../templates/template.js";
import type { PlanFile } from "./staging.js";

/** What the playbook is made of. */
export interface AnsiblePlan extends AnsibleSetting {
  readonly policy: string;
  readonly maxConcurrent?: number;
  /** Folder in which the units expect the plan on the host; absent: there are no units. */
  readonly timerDirectory?: string;
  readonly hosts: readonly {
    readonly name: string;
    readonly address: string;
    readonly uri?: string;
    /** Relative to the policy's folder. */
    readonly inventory: string;
    /** Absolute path on the host. */
    readonly repository: string;
  }[];
}

const ROLE = [
  "defaults/main.yml",
  "meta/main.yml",
  "vars/main.yml",
  "tasks/main.yml",
  "tasks/copy.yml",
  "tasks/units.yml",
  "tasks/run.yml",
  "tasks/gather.yml",
];

interface View extends AnsiblePlan {
  readonly unsafe: typeof unsafe;
}

const inventoryTemplate = template<View>("ansible/inventory.yml", (text) => String(text));
const playbookTemplate = template<View>("ansible/playbook.yml", (text) => String(text));

/** Paths of the files of `ansibleFiles`. */
export function ansiblePaths(): string[] {
  return ["inventory.yml", "playbook.yml", ...ROLE.map((path) => `roles/tidemark/${path}`)].map(
    (path) => `ansible/${path}`,
  );
}

/** The folder `ansible/`: hosts, a playbook, and the role that it uses. */
export function ansibleFiles(plan: AnsiblePlan): readonly PlanFile[] {
  const view = { ...plan, unsafe };
  return ansiblePaths().map((path) => {
    if (path.endsWith("/inventory.yml")) return { path, text: inventoryTemplate(view) };
    return { path, text: path.endsWith("/playbook.yml") ? playbookTemplate(view) : verbatim(path) };
  });
}

/** A text that Ansible does not interpret, not even braces. */
function unsafe(text: string): string {
  return `!unsafe ${JSON.stringify(text)}`;
}
