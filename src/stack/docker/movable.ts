import type { Plan } from '../../scenario/plan.js';
import type { ServiceRole } from '../stack.js';

/** Whether a plan moves the clocks of services. */
export function movesClocks(plan: Plan): boolean {
  return plan.steps.some(({ kind }) => kind === 'advance');
}

/** Services that decide by the clock what becomes of mail; the array and the outside's sink keep the real time. */
export function keepsTime(role: ServiceRole): boolean {
  return role === 'store' || role === 'mta' || role === 'outside-mta';
}
