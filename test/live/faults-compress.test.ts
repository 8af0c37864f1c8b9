import { cutShort } from "./faults.js";

cutShort("compress");
