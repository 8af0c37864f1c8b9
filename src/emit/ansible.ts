import type { FleetPath } from "../plan/files.js";
import type { AnsibleSetting } from "../policy/policy.js";
import { template, verbatim } from "../templates/template.js";

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

interface View extends AnsiblePlan {
  readonly unsafe: typeof unsafe;
}

const inventoryTemplate = template<View>("ansible/inventory.yml", (text) => String(text));
const playbookTemplate = template<View>("ansible/playbook.yml", (text) => String(text));

/** The text of a file in the folder `ansible/`: its hosts, a playbook, and the role that the playbook uses. */
export function ansibleText(plan: AnsiblePlan, { path, holds }: FleetPath): string {
  const view = { ...plan, unsafe };
  if (holds === "hosts") return inventoryTemplate(view);
  return holds === "playbook" ? playbookTemplate(view) : verbatim(path);
}

/** A text that Ansible does not interpret, not even braces. */
function unsafe(text: string): string {
  return `!unsafe ${JSON.stringify(text)}`;
}
