import { cutShort } from "./faults.js";

cutShort("push");
