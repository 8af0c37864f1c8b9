/**
 * Every diagnostic there is: a stable code and its title.
 * TM1xx policy, TM2xx inventory, TM3xx planning, TM4xx libvirt's rules, TM5xx files.
 */
export const CODES = {
  TM101: "the policy file cannot be read as text",
  TM102: "the policy is not well-formed YAML",
  TM103: "the policy is empty",
  TM104: "the policy's version is not one this tidemark knows",
  TM105: "unknown key",
  TM106: "missing key",
  TM107: "wrong type of value",
  TM108: "value not allowed",
  TM109: "the policy is too large",
  TM110: "cron expression not understood",
  TM111: "time zone not known",
  TM112: "horizon not understood",
  TM113: "path template not understood",
  TM114: "settings that exclude each other",
  TM115: "a setting that the mode needs is missing",
  TM116: "plain TCP leaves the host unencrypted",

  TM201: "inventory file cannot be read",
  TM202: "inventory XML is not well-formed",
  TM203: "inventory XML declares a DOCTYPE",
  TM204: "inventory file is not of the kind expected",
  TM205: "host.json is not valid",
  TM206: "a domain is described twice",
  TM207: "a manifest in the catalog is not valid",
  TM208: "no catalog in the inventory",
  TM209: "checkpoints of a domain that the inventory does not hold",

  TM301: "an entry under domains matches no domain",
  TM302: "a disk entry matches no disk",
  TM303: "nothing to back up",
  TM304: "a checkpoint's name is taken",
  TM305: "slot lies before a run that has happened",
  TM306: "two images would be written to one path",
  TM307: "two runs would use one server address",
  TM308: "the schedule has no slot in the horizon",
  TM309: "a disk is left out of the backup",
  TM310: "no full is scheduled",
  TM311: "a disk is copied whole every time",
  TM312: "every restore point is kept for ever",
  TM313: "a verified restore point has lost its checkpoint",

  TM401: "checkpoint name that libvirt refuses",
  TM402: "disk that libvirt cannot checkpoint or back up",
  TM403: "text that XML cannot carry",
  TM404: "libvirt or QEMU too old",
  TM405: "incremental into a raw image",
  TM406: "path that is not absolute",

  TM501: "output cannot be written",
  TM502: "plan of another format version",
  TM503: "not a plan",
  TM504: "file in the way",
} as const satisfies Record<string, string>;

export type DiagnosticCode = keyof typeof CODES;
