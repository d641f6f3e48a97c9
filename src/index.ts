/** What can be imported from `nobounce`: scenarios in code, drills, reporters, and the judge of saved runs. */
export { defineScenario, loadScenario, parseScenario, type LoadedScenario } from './scenario/load.js';
export { ScenarioError, formatProblem, type Problem } from './scenario/problem.js';
export type { Scenario, ScenarioInput } from './scenario/scenario.js';
export { runDrill, type RunDrillOptions } from './drill/run-drill.js';
export type { Act, ActSource, AskedAct } from './run/acts.js';
export type { Reporter, RunHeader, RunReport } from './report/reporter.js';
export type { MakeReporter, Place } from './report/registry.js';
export { judge, judgeFile } from './check/judge.js';
export type { Judgement } from './check/judgement.js';
export type { CheckResult, Finding } from './check/result.js';
export type { Verdict } from './check/verdict.js';
export { explain, storyLines, type Story } from './check/explain.js';
export { readHistory } from './history/reader.js';
export type { HistoryEvent } from './history/event.js';
export { EXIT_CODE, NobounceError } from './errors/errors.js';
