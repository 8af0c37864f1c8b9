import { cutShort } from "./faults.js";

cutShort("consolidate");
