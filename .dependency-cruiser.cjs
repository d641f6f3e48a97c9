/**
 * The rooms of docs/architecture.md and what each may import. One direction, no way back.
 * A room that is not listed here may import nothing outside itself.
 */
const rooms = {
  units: [],
  errors: ['units'],
  /** What a fault is, whole and pure; src/injector carries it out. */
  fault: ['units', 'errors'],
  /** How each kind of MTA speaks. */
  mta: ['units', 'errors'],
  scenario: ['fault', 'units', 'errors'],
  history: ['units', 'errors', 'scenario', 'fault', 'mta'],
  check: ['fault', 'scenario', 'history', 'units', 'errors'],
  report: ['fault', 'check', 'history', 'scenario', 'units', 'errors'],
  toxiproxy: ['units', 'errors'],
  stack: ['mta', 'fault', 'scenario', 'units', 'errors', 'toxiproxy'],
  injector: ['stack', 'fault', 'toxiproxy', 'units', 'errors'],
  /** A process of its own that heals when the harness cannot. */
  guardian: ['injector', 'stack', 'toxiproxy', 'units', 'errors'],
  traffic: ['mta', 'stack', 'history', 'scenario', 'units', 'errors'],
  clock: ['mta', 'stack', 'history', 'scenario', 'units', 'errors'],
  run: [
    'guardian',
    'clock',
    'traffic',
    'mta',
    'injector',
    'fault',
    'stack',
    'toxiproxy',
    'check',
    'history',
    'scenario',
    'units',
    'errors',
  ],
  /** How long until mail bounces, by experiment. */
  horizon: [
    'report',
    'run',
    'traffic',
    'clock',
    'mta',
    'injector',
    'fault',
    'stack',
    'toxiproxy',
    'history',
    'scenario',
    'units',
    'errors',
  ],
  /** Runs a scenario and tells the reporters: what the command line, vitest and the library share. */
  drill: ['run', 'report', 'check', 'stack', 'scenario', 'errors'],
  /** A run that people lead together, and the page on which they do. */
  gameday: ['drill', 'run', 'report', 'check', 'history', 'scenario', 'fault', 'units', 'errors'],
  vitest: ['drill', 'report', 'check', 'scenario', 'units', 'errors'],
  cli: [
    'gameday',
    'drill',
    'horizon',
    'run',
    'report',
    'check',
    'stack',
    'mta',
    'toxiproxy',
    'fault',
    'history',
    'scenario',
    'units',
    'errors',
  ],
};

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'src-not-to-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `room-${room}`,
      comment: `src/${room} may import only: ${allowed.join(', ') || 'nothing'}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
