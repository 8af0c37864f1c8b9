import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const seclabelTwiceRule: Rule = {
  code: "TM433",
  page: `An image has at most one label for each security model (dac, selinux, apparmor).`,
  source: "domain_conf.c:virSecurityDeviceLabelDefParseXML (“seclabel for model … is already provided”)",
  *breaches(call) {
    for (const { disk, backup } of selected(call)) {
      const models = (backup?.store?.seclabels ?? []).flatMap(({ model }) => model ?? []);
      const twice = models.find((model, index) => models.indexOf(model) < index);
      if (twice === undefined) continue;
      yield {
        message: `the image of ${nameOf(call, disk.target)} has two labels of the model ${twice}`,
        hint: "remove one of the two",
        in: "backup",
        disk: disk.target,
        part: "seclabel",
      };
    }
  },
};
