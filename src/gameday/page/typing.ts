/** Whether somebody writes into a field: single keys are letters then, and no acts. */
export function isTyping({ target }: Event): boolean {
  return target instanceof HTMLElement && ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}
