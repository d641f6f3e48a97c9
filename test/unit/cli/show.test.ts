import { expect, it } from 'vitest';
import { openerFor } from '../../../src/cli/show.js';

it('a page is opened where somebody can see it, and nowhere else', () => {
  expect(openerFor('darwin', {})).toEqual(['open']);
  expect(openerFor('win32', {})).toEqual(['cmd', '/c', 'start', '']);
  expect(openerFor('linux', { DISPLAY: ':0' })).toEqual(['xdg-open']);
  expect(openerFor('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toEqual(['xdg-open']);
  expect(openerFor('linux', {})).toBeNull();
  expect(openerFor('darwin', { CI: 'true' })).toBeNull();
  expect(openerFor('darwin', { SSH_CONNECTION: '10.0.0.1' })).toBeNull();
});
