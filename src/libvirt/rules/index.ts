import { compareText } from "../../diagnostics/diagnostic.js";
import type { Page, Rule } from "../rule.js";
import { baseDoesNotCoverRule } from "./base-does-not-cover.js";
import { baseMissingRule } from "./base-missing.js";
import { baseUnknownRule } from "./base-unknown.js";
import { bitmapNameRule } from "./bitmap-name.js";
import { blockJobRule } from "./block-job.js";
import { checkpointBeyondBackupRule } from "./checkpoint-beyond-backup.js";
import { checkpointCoversNothingRule } from "./checkpoint-covers-nothing.js";
import { checkpointNameRule } from "./checkpoint-name.js";
import { checkpointNeedsQcow2Rule } from "./checkpoint-needs-qcow2.js";
import { checkpointNeedsWritableRule } from "./checkpoint-needs-writable.js";
import { checkpointTakenRule } from "./checkpoint-taken.js";
import { diskKindRule } from "./disk-kind.js";
import { diskTwiceRule } from "./disk-twice.js";
import { encryptionFormatRule } from "./encryption-format.js";
import { exportBitmapRule } from "./export-bitmap.js";
import { exportNameRule } from "./export-name.js";
import { imageWithoutPathRule } from "./image-without-path.js";
import { incrementalFormatRule } from "./incremental-format.js";
import { noMediumRule } from "./no-medium.js";
import { nothingSelectedRule } from "./nothing-selected.js";
import { onePathTwiceRule } from "./one-path-twice.js";
import { OTHER_PAGES } from "./other-pages.js";
import { ownDiskRule } from "./own-disk.js";
import { redefinableRule } from "./redefinable.js";
import { seclabelTwiceRule } from "./seclabel-twice.js";
import { shareableDiskRule } from "./shareable-disk.js";
import { socketPathRule } from "./socket-path.js";
import { targetFormatRule } from "./target-format.js";
import { tcpServerRule } from "./tcp-server.js";
import { tooManyBitmapsRule } from "./too-many-bitmaps.js";
import { unknownDiskRule } from "./unknown-disk.js";

/** The rules for a backup and its checkpoint, in the order of their codes. */
export const CALL_RULES: readonly Rule[] = [
  checkpointNameRule,
  diskKindRule,
  incrementalFormatRule,
  unknownDiskRule,
  diskTwiceRule,
  checkpointNeedsWritableRule,
  checkpointNeedsQcow2Rule,
  bitmapNameRule,
  checkpointTakenRule,
  checkpointCoversNothingRule,
  nothingSelectedRule,
  noMediumRule,
  baseMissingRule,
  baseUnknownRule,
  baseDoesNotCoverRule,
  imageWithoutPathRule,
  tcpServerRule,
  socketPathRule,
  exportNameRule,
  exportBitmapRule,
  onePathTwiceRule,
  ownDiskRule,
  targetFormatRule,
  encryptionFormatRule,
  seclabelTwiceRule,
  checkpointBeyondBackupRule,
  shareableDiskRule,
  blockJobRule,
  tooManyBitmapsRule,
];

/** The rules for a checkpoint that is defined again, which libvirt compares with nothing else. */
export const REDEFINE_RULES: readonly Rule[] = [checkpointNameRule, redefinableRule];

export const RULES: readonly Rule[] = [...CALL_RULES, redefinableRule];

/** A page for every code of libvirt's rules, in their order. */
export const PAGES: readonly Page[] = [...RULES, ...OTHER_PAGES].sort((a, b) => compareText(a.code, b.code));
