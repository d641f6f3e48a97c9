/** `nobounce/vitest`: a drill as a vitest suite, one test a check, and matchers for what became of the mail. */
export { outage, type Outage, type OutageOptions } from './outage.js';
import './matchers.js';
