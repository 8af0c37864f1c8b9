import { cutShort } from "./faults.js";

cutShort("pull");
