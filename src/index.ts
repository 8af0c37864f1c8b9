export { writePlan } from "./compilation/write-plan.js";
export { CODES, type DiagnosticCode } from "./diagnostics/codes.js";
export type { Diagnostic, Location, Severity } from "./diagnostics/diagnostic.js";
export { printGitHub, printJson, printText } from "./diagnostics/print.js";
export type { Written } from "./emit/plan-directory.js";
export type { BrokenImage } from "./inventory/damage.js";
export type { DiskSize } from "./inventory/disk-size.js";
export type { Evidence, FileEvidence } from "./inventory/evidence.js";
export type { DomainFacts, Host, Inventory, Move } from "./inventory/inventory.js";
export { loadInventory } from "./inventory/load.js";
export type {
  MachineFile,
  Manifest,
  ManifestDisk,
  ManifestSource,
  Pin,
  QemuProcess,
} from "./inventory/manifest.js";
export type {
  Backup,
  BackupDisk,
  BackupDiskYes,
  BackupServer,
  Encryption,
  NbdServer,
  Seclabel,
  Store,
} from "./libvirt/backup.js";
export type { Checkpoint, CheckpointDisk, CheckpointDocument } from "./libvirt/checkpoint.js";
export type { Domain, DomainDisk, DomainMetadata } from "./libvirt/domain.js";
export type { OutsidePart } from "./libvirt/outside.js";
export { writeBackup, writeCheckpoint } from "./libvirt/write.js";
export type { XmlElement } from "./libvirt/xml.js";
export {
  backupDocument,
  checkpointDocument,
  type ExplicitBackup,
  fallbackDocument,
} from "./plan/documents.js";
export type { FleetPlan, HostPlan } from "./plan/fleet.js";
export { planJson } from "./plan/json.js";
export type {
  AnyDomainPlan,
  AnyRunDisk,
  Assumed,
  Assumption,
  BackedUpDisk,
  ChangesDisk,
  DiskExport,
  DomainPlan,
  Figures,
  Forecast,
  FoundPoint,
  FullDisk,
  KeptPoint,
  LeftOutDisk,
  Plan,
  PlanHeader,
  PlannedDisk,
  PlannedDiskFacts,
  PlannedEntry,
  PlannedPermissions,
  PlannedRetry,
  PulledDomain,
  PushedDomain,
  Run,
  RunDisk,
  Scratch,
  Step,
} from "./plan/plan.js";
export { readPlan } from "./plan/read.js";
export { compile, compileFleet } from "./planner/compile.js";
export type { Bandwidth, BandwidthWindow } from "./policy/bandwidth.js";
export type { Blackout, DateRange, HourRange } from "./policy/blackout.js";
export type { CronTimes, CronWeekday } from "./policy/cron.js";
export { type HorizonOptions, resolveHorizon } from "./policy/horizon.js";
export type { Moment } from "./policy/moment.js";
export { parsePolicy } from "./policy/parse.js";
export type { AbsolutePath, PathTemplate } from "./policy/path.js";
export type { FileMode, Permissions } from "./policy/permissions.js";
export type {
  AnsibleSetting,
  Compression,
  DiskSettings,
  DisksEntry,
  DomainEntry,
  DomainSettings,
  EstimateSetting,
  HookSettings,
  Horizon,
  HorizonSetting,
  HostSetting,
  ImageFormat,
  Level,
  MetricsSetting,
  Mode,
  OnStopped,
  PathSetting,
  Policy,
  Retention,
  RetrySetting,
  ScheduleEntry,
  SeclabelSetting,
  SecretSetting,
  Selector,
  ServerSetting,
  Some,
  StreamSetting,
  SystemdSetting,
} from "./policy/policy.js";
export type { PolicyFiles } from "./policy/policy-files.js";
export type { Margin, Share } from "./policy/quantity.js";
export type { Span, SpanUnit } from "./policy/span.js";
