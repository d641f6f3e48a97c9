import { sha256, TIMES, at, type GoodRun } from '../support/good-history.js';
import type { HistoryEvent } from '../../src/history/event.js';
import type { CheckName } from '../../src/scenario/limits.js';
import {
  all,
  anotherCopy,
  change,
  dsn,
  extend,
  FOREIGN_ID,
  insert,
  unlist,
  vanish,
  victim,
  victims,
  without,
  type History,
  type Victim,
} from './edit.js';

/** One thing that can go wrong, as a small change to a history in which nothing did. */
export interface Defect {
  readonly name: string;
  /** The check meant for it; null for a trap: a history that only looks bad. */
  readonly check: CheckName | null;
  readonly verdict: 'fail' | 'inconclusive';
  /** Checks that may say something as well, since the same defect breaks their promise too. */
  readonly related: readonly CheckName[];
  readonly run: Partial<GoodRun>;
  readonly seed: (history: History) => History;
}

const defects: Defect[] = [];

function defect(
  name: string,
  check: CheckName | null,
  seed: Defect['seed'],
  more: Partial<Pick<Defect, 'related' | 'verdict' | 'run'>> = {},
): void {
  defects.push({ name, check, verdict: 'fail', related: [], run: {}, seed, ...more });
}

const OUTAGE_CHECKS = [
  'queued-during-outage',
  'delivered-after-recovery',
  'outbound-flows',
  'blast-radius',
  'lifetime-margin',
] as const;
const steady = { volume: 'silver', during: 'steady' } as const;
const outage = { volume: 'gold', during: 'outage' } as const;
const FAULT_EVENTS = new Set([
  'fault.injecting',
  'fault.injected',
  'fault.felt',
  'fault.healing',
  'fault.healed',
  'fault.gone',
]);
const inOutage = (t: number) => t >= TIMES.inject && t <= TIMES.heal;

/** What waits in the queue leaves it right behind the heal. */
function leaves(good: History, id: string): HistoryEvent {
  const queueId = all(good, 'queue.seen').find((event) => event.id === id)?.queueId ?? '';
  return at(TIMES.heal + 300, { type: 'queue.left', service: 'mta', id, queueId });
}

/** A message that waited in the outage stays in the queue to the end, whose depth says so. */
function stays(good: History, id: string): History {
  const stuck = without(good, (event) =>
    event.type === 'queue.left' || event.type === 'copy.found'
      ? event.id === id
      : event.type === 'mta.logged' && event.id === id && event.status === 'sent',
  );
  return change(
    unlist(stuck, id),
    'queue.sampled',
    (event) => ({ ...event, depth: Math.max(1, event.depth) }),
    ({ t }) => t > TIMES.felt,
  );
}

/** A message that was delivered at once stays in the queue to the end instead. */
function staysInstead(good: History, { id, acceptedAt }: Victim): History {
  const seen = {
    service: 'mta',
    id,
    queueId: 'Q1',
    queue: 'deferred',
    reason: 'later',
    enhanced: null,
  } as const;
  return change(
    insert(vanish(good, id), at(acceptedAt + 1, { type: 'queue.seen', ...seen })),
    'queue.sampled',
    (event) => ({ ...event, depth: event.depth + 1 }),
    ({ t }) => t > acceptedAt,
  );
}

// --- lost ---
defect('acknowledged and dropped', 'no-loss', (good) => vanish(good, victim(good, steady).id));
defect(
  'dropped when the queue restarts',
  'no-loss',
  (good) => {
    const { id } = victim(good, outage);
    return insert(vanish(good, id, TIMES.heal), leaves(good, id));
  },
  { related: ['delivered-after-recovery'] },
);
defect('outgoing mail acknowledged and dropped', 'no-loss', (good) =>
  vanish(good, victim(good, { kind: 'outbound', during: 'steady' }).id),
);
defect(
  'swallowed by the bare mount point',
  'no-loss',
  (good) => {
    const { id } = victim(good, outage);
    const copy = all(good, 'copy.found').find((event) => event.id === id);
    if (copy === undefined) throw new Error('no copy');
    const early = { ...copy, ...at(TIMES.felt + 2_000, { ...copy, uid: 1, uidValidity: '1800000000' }) };
    const path = `/srv/mail/gold/u1/new/${id}`;
    const file = {
      type: 'file.found',
      id,
      volume: 'gold',
      where: 'under-mount',
      path,
      bytes: copy.bytes,
    } as const;
    return insert(vanish(good, id), early, at(TIMES.gone, file));
  },
  { related: ['delivered-after-recovery'] },
);
defect('accepted only after a missing reply, and dropped', null, (good) => {
  // Nobody can say that it was accepted: nothing is owed.
  const { id, acceptedAt } = victim(good, steady);
  const unanswered = { outcome: 'ambiguous', code: null, enhanced: null, reply: '' } as const;
  const edited = change(
    good,
    'attempt.ended',
    (event) => ({ ...event, ...unanswered }),
    (event) => event.id === id,
  );
  return vanish(edited, id, acceptedAt);
});

// --- duplicated ---
defect('delivered twice', 'no-duplicates', (good) => anotherCopy(good, victim(good, steady).id, 901));
defect('delivered twice after the heal', 'no-duplicates', (good) =>
  anotherCopy(good, victim(good, outage).id, 901),
);
/** An attempt that got no reply to its dot, in time before the one that was accepted. */
const unanswered =
  ({ id, acceptedAt }: { readonly id: string; readonly acceptedAt: number }) =>
  (good: readonly HistoryEvent[]): HistoryEvent[] => {
    const began = all(good, 'attempt.started').find((event) => event.id === id);
    const t = Math.min(began?.t ?? acceptedAt, acceptedAt - 2);
    const ambiguous = { outcome: 'ambiguous', code: null, enhanced: null, reply: '', at: 'dot' } as const;
    return good.flatMap((event) =>
      event === began
        ? [
            at(t, { type: 'attempt.started', id, attempt: 1 }),
            at(t, { type: 'attempt.ended', id, attempt: 1, ...ambiguous, ms: 0 }),
            { ...event, attempt: 2 },
          ]
        : [event],
    );
  };
defect('three copies, one reply missing', 'no-duplicates', (good) => {
  const taken = victim(good, steady);
  return anotherCopy(anotherCopy(unanswered(taken)(good), taken.id, 901), taken.id, 902);
});
defect('two copies, one reply missing', null, (good) => {
  const taken = victim(good, steady);
  return anotherCopy(unanswered(taken)(good), taken.id, 901);
});
defect('left the mail system twice', 'no-duplicates', (good) => {
  const { id } = victim(good, { kind: 'outbound', during: 'steady' });
  const out = all(good, 'outside.received').find((event) => event.id === id);
  return out === undefined ? good : insert(good, at(out.t + 100, { ...out }));
});

// --- corrupted ---
const corrupt = (
  wish: Parameters<typeof victim>[1],
  edit: (copy: { bytes: number; bodySha256: string; headersSha256: string }) => object,
) => {
  return (good: History): History => {
    const { id } = victim(good, wish);
    return change(
      good,
      'copy.found',
      (event) => ({ ...event, ...edit(event) }),
      (event) => event.id === id,
    );
  };
};
defect(
  'body truncated',
  'no-corruption',
  corrupt(outage, ({ bytes }) => ({ bytes: bytes >> 1, bodySha256: sha256('half') })),
);
defect(
  'one byte flipped',
  'no-corruption',
  corrupt(steady, () => ({ bodySha256: sha256('flipped') })),
);
defect(
  'header lost',
  'no-corruption',
  corrupt(steady, () => ({ headersSha256: sha256('one header less') })),
);
defect('attachment swapped with another message', 'no-corruption', (good) => {
  const [one, other] = victims(good, { volume: 'silver' });
  if (one === undefined || other === undefined) throw new Error('two are needed');
  const { bodySha256 } = other.created;
  return change(
    good,
    'copy.found',
    (event) => ({ ...event, bodySha256 }),
    (event) => event.id === one.id,
  );
});
defect('damaged where it lies, after it was seen intact', 'no-corruption', (good) => {
  const { id } = victim(good, steady);
  return change(good, 'mailbox.listed', (event) => ({
    ...event,
    messages: event.messages.map((m) => (m.id === id ? { ...m, bodySha256: sha256('rotten') } : m)),
  }));
});
defect('outgoing mail damaged', 'no-corruption', (good) => {
  const { id } = victim(good, { kind: 'outbound' });
  return change(
    good,
    'outside.received',
    (event) => ({ ...event, bytes: event.bytes - 1 }),
    (event) => event.id === id,
  );
});

// --- ghosts ---
defect(
  'delivered to the wrong mailbox',
  'no-ghosts',
  (good) => {
    const { id, created } = victim(good, steady);
    const mailbox = created.to === 'u1@virgilio.test' ? 'u2@virgilio.test' : 'u1@virgilio.test';
    return change(
      unlist(good, id),
      'copy.found',
      (event) => ({ ...event, mailbox }),
      (event) => event.id === id,
    );
  },
  { related: ['no-loss'] },
);
defect('delivered to the right mailbox and to another', 'no-ghosts', (good) => {
  const { id, created } = victim(good, steady);
  return anotherCopy(
    good,
    id,
    902,
    created.to === 'u1@virgilio.test' ? 'u2@virgilio.test' : 'u1@virgilio.test',
  );
});
defect(
  'delivered though refused',
  'no-ghosts',
  (good) => {
    const { id } = victim(good, steady);
    const refused = { outcome: 'rejected', code: 554, enhanced: '5.6.0', reply: '554 5.6.0 No' } as const;
    return change(
      good,
      'attempt.ended',
      (event) => ({ ...event, ...refused }),
      (event) => event.id === id,
    );
  },
  { related: ['no-reject'] },
);
defect('delivered though deferred and never tried again', 'no-ghosts', (good) => {
  const { id } = victim(good, steady);
  const deferred = { outcome: 'deferred', code: 451, enhanced: '4.3.0', reply: '451 4.3.0 Later' } as const;
  return change(
    good,
    'attempt.ended',
    (event) => ({ ...event, ...deferred }),
    (event) => event.id === id,
  );
});
defect('a message that no one ever sent', 'no-ghosts', (good) => {
  const [copy] = all(good, 'copy.found');
  return copy === undefined
    ? good
    : insert(good, at(copy.t + 1, { ...copy, id: 'no-such-message', uid: 903 }));
});
defect('a message without any id', 'no-ghosts', (good) => {
  const [copy] = all(good, 'copy.found');
  return copy === undefined
    ? good
    : insert(good, at(copy.t + 1, { ...copy, id: null, uid: 903, bodySha256: sha256('?') }));
});
defect('mail for a mailbox sent on to the outside', 'no-ghosts', (good) => {
  const { created, acceptedAt } = victim(good, steady);
  return insert(good, at(acceptedAt + 100, { ...created, type: 'outside.received' }));
});

// --- bounced ---
defect('bounced as a DSN of failure', 'no-bounce', (good) => {
  const it = victim(good, steady);
  return insert(vanish(good, it.id), dsn(it, it.acceptedAt + 500));
});
defect(
  'bounced after a 5xx reply of the store',
  'no-bounce',
  (good) => {
    const it = victim(good, steady);
    const reply = 'host store[10.0.0.2] said: 552 5.2.2 Quota exceeded (in reply to end of DATA command)';
    const log = {
      type: 'mta.logged',
      service: 'mta',
      queueId: 'Q',
      recipient: it.created.to,
      reply,
    } as const;
    const bounced = at(it.acceptedAt + 200, { ...log, id: it.id, status: 'bounced', enhanced: '5.2.2' });
    return insert(vanish(good, it.id), bounced, dsn(it, it.acceptedAt + 500));
  },
  { related: ['no-reject'] },
);
defect('bounced, and only the log says so', 'no-bounce', (good) => {
  const it = victim(good, steady);
  const reply = 'delivery failed: error writing message: Input/output error';
  const log = { type: 'mta.logged', service: 'mta', queueId: 'Q', recipient: it.created.to, reply } as const;
  return insert(
    vanish(good, it.id),
    at(it.acceptedAt + 200, { ...log, id: it.id, status: 'bounced', enhanced: '5.3.0' }),
  );
});
defect(
  'bounced after the delay notice',
  'no-bounce',
  (good) => {
    const it = victim(good, outage);
    const notice = dsn(it, TIMES.heal - 500, { action: 'delayed', status: '4.2.0' });
    const cleared = without(good, (event) => event.type === 'dsn.received' && event.id === it.id);
    const waiting = vanish(cleared, it.id, TIMES.heal);
    return insert(waiting, leaves(good, it.id), notice, dsn(it, TIMES.heal + 100, { status: '4.4.7' }));
  },
  { related: ['delivered-after-recovery'] },
);
defect('a delay told as a failure, and delivered later', 'no-bounce', (good) => {
  const it = victim(good, outage);
  return insert(good, dsn(it, it.acceptedAt + 700, { status: '4.2.0' }));
});
defect('a failure of which nothing came back but the recipient', 'no-bounce', (good) => {
  const it = victim(good, steady);
  return insert(good, dsn(it, it.acceptedAt + 700, { id: null }));
});
defect('a delay notice, which is no bounce', null, (good) => {
  const it = victim(good, outage);
  const cleared = without(good, (event) => event.type === 'dsn.received' && event.id === it.id);
  return insert(cleared, dsn(it, it.acceptedAt + 700, { action: 'delayed', status: '4.2.0' }));
});
defect('a DSN of success', null, (good) => {
  const it = victim(good, steady);
  return insert(good, dsn(it, it.acceptedAt + 700, { action: 'relayed', status: '2.0.0' }));
});
defect('a bounce of the recipient who does not exist', null, (good) => {
  const [canary] = all(good, 'message.created').filter(({ kind }) => kind === 'canary');
  if (canary === undefined) return good;
  const it = { created: canary, id: canary.id, acceptedAt: canary.t };
  return insert(good, dsn(it, canary.t + 100, { id: null, status: '5.1.1' }));
});

// --- refused ---
defect('refused with 552 in the outage', 'no-reject', (good) => {
  const { id, acceptedAt } = victim(good, outage);
  const reply = '552 5.2.2 Mailbox full';
  const refused = { outcome: 'rejected', code: 552, enhanced: '5.2.2', reply, at: 'dot' } as const;
  const edited = change(
    good,
    'attempt.ended',
    (event) => ({ ...event, ...refused }),
    (event) => event.id === id,
  );
  return vanish(edited, id, acceptedAt);
});
defect('the store refuses, the server keeps it all the same', 'no-reject', (good) => {
  const it = victim(good, outage);
  const reply = 'host store[10.0.0.2] said: 550 5.3.0 I/O error (in reply to end of DATA command)';
  const log = { type: 'mta.logged', service: 'mta', queueId: 'Q', recipient: it.created.to, reply } as const;
  return insert(good, at(it.acceptedAt + 200, { ...log, id: it.id, status: 'deferred', enhanced: '4.3.0' }));
});
defect(
  'a right password refused at submission',
  'honest-login',
  (good) => {
    const { id, acceptedAt } = victim(good, { kind: 'outbound', during: 'steady' });
    const reply = '535 5.7.8 Error: authentication failed';
    const refused = { outcome: 'rejected', code: 535, enhanced: '5.7.8', reply, at: 'auth' } as const;
    const edited = change(
      good,
      'attempt.ended',
      (event) => ({ ...event, ...refused }),
      (event) => event.id === id,
    );
    return vanish(edited, id, acceptedAt);
  },
  { related: ['no-reject'] },
);

// --- logins ---
defect('a wrong password accepted', 'honest-login', (good) => {
  const [login] = all(good, 'login.tried').filter(
    ({ credentials, t }) => credentials === 'wrong' && t > TIMES.felt,
  );
  return change(
    good,
    'login.tried',
    (event) => ({ ...event, outcome: 'ok', code: null }),
    (event) => event === login,
  );
});
defect('a right password refused', 'honest-login', (good) => {
  const [login] = all(good, 'login.tried').filter(
    ({ credentials, t }) => credentials === 'correct' && t > TIMES.felt,
  );
  const refused = { outcome: 'refused', code: 'AUTHENTICATIONFAILED' } as const;
  return change(
    good,
    'login.tried',
    (event) => ({ ...event, ...refused }),
    (event) => event === login,
  );
});
defect('a reader told that its password is wrong', 'honest-login', (good) => {
  const [visit] = all(good, 'reader.visited').filter(
    ({ volume, t }) => volume === 'gold' && t > TIMES.felt + 500,
  );
  const refused = { step: 'login', outcome: 'no', code: 'AUTHENTICATIONFAILED', text: 'No', ms: 5 } as const;
  return change(
    good,
    'reader.visited',
    (event) => ({ ...event, steps: [refused] }),
    (event) => event === visit,
  );
});
defect('a login that hangs', 'honest-login', (good) => {
  const [login] = all(good, 'login.tried').filter(
    ({ credentials, t }) => credentials === 'correct' && t > TIMES.felt,
  );
  return change(
    good,
    'login.tried',
    (event) => ({ ...event, outcome: 'timeout', ms: 31_000 }),
    (event) => event === login,
  );
});
defect(
  'a login given up before its deadline',
  'honest-login',
  (good) => {
    const [login] = all(good, 'login.tried').filter(
      ({ credentials, t }) => credentials === 'correct' && t > TIMES.felt,
    );
    return change(
      good,
      'login.tried',
      (event) => ({ ...event, outcome: 'timeout', ms: 3_000 }),
      (event) => event === login,
    );
  },
  { verdict: 'inconclusive' },
);

// --- mailboxes ---
const atTheEnd = (
  good: History,
  edit: (
    event: ReturnType<typeof all<'mailbox.listed'>>[number],
  ) => ReturnType<typeof all<'mailbox.listed'>>[number],
) =>
  change(
    good,
    'mailbox.listed',
    edit,
    ({ stage, mailbox }) => stage === 'after' && mailbox === 'u1@libero.test',
  );
defect('UIDVALIDITY changed', 'mailbox-intact', (good) =>
  atTheEnd(good, (event) => ({ ...event, uidValidity: '7' })),
);
defect('UIDVALIDITY changed for a while', 'mailbox-intact', (good) => {
  const visits = all(good, 'reader.visited').filter(
    ({ mailbox, t }) => mailbox === 'u1@libero.test' && t > TIMES.gone,
  );
  const [first, second] = visits;
  return change(
    good,
    'reader.visited',
    (event) => ({ ...event, uidValidity: '7' }),
    (event) => event === first || event === second,
  );
});
defect('a mailbox shown empty for a while', 'mailbox-intact', (good) => {
  const ids = all(good, 'reader.visited')
    .filter(({ volume, t }) => volume === 'gold' && inOutage(t))
    .slice(3, 7);
  const steps = (['login', 'select', 'fetch'] as const).map((step) => ({
    step,
    outcome: 'ok' as const,
    code: null,
    text: '',
    ms: 10,
  }));
  const empty = { steps, exists: 0, known: 'missing' } as const;
  return change(
    good,
    'reader.visited',
    (event) => ({ ...event, ...empty }),
    (event) => ids.includes(event),
  );
});
defect('old mail gone', 'mailbox-intact', (good) =>
  atTheEnd(good, (event) => ({ ...event, messages: event.messages.filter(({ uid }) => uid !== 1) })),
);
defect('old mail under another UID', 'mailbox-intact', (good) =>
  atTheEnd(good, (event) => ({
    ...event,
    messages: event.messages.map((m) => (m.uid === 1 ? { ...m, uid: 999 } : m)),
  })),
);
defect('old mail with another content', 'mailbox-intact', (good) =>
  atTheEnd(good, (event) => ({
    ...event,
    messages: event.messages.map((m) => (m.uid === 2 ? { ...m, bodySha256: sha256('other') } : m)),
  })),
);
defect('flags lost', 'mailbox-intact', (good) =>
  atTheEnd(good, (event) => ({
    ...event,
    messages: event.messages.map((m) => (m.uid === 2 ? { ...m, flags: ['\\Seen'] } : m)),
  })),
);

// --- queues ---
defect(
  'the queue never drains',
  'queue-drains',
  (good) => extend(stays(good, victim(good, outage).id), 70_000),
  { related: ['delivered-after-recovery'] },
);
defect(
  'a message stuck, and as many in steady state',
  'queue-drains',
  (good) => {
    const busy = change(good, 'queue.sampled', (event) => ({ ...event, depth: Math.max(1, event.depth) }));
    return extend(stays(busy, victim(good, outage).id), 70_000);
  },
  { related: ['delivered-after-recovery'] },
);
defect(
  'the queue said to be empty, and its listings full',
  'queue-drains',
  (good) => {
    const stuck = extend(stays(good, victim(good, outage).id), 70_000);
    return change(stuck, 'queue.sampled', (event) => ({ ...event, depth: 0 }));
  },
  {
    verdict: 'inconclusive',
    related: [
      'no-loss',
      'queued-during-outage',
      'delivered-after-recovery',
      'lifetime-margin',
      'sound-history',
    ],
  },
);
defect(
  'a queue that shows nothing of what waits by the log',
  'queue-drains',
  (good) => {
    const blind = without(good, ({ type }) => type === 'queue.seen' || type === 'queue.left');
    return change(blind, 'queue.sampled', (event) => ({ ...event, depth: 0 }));
  },
  {
    verdict: 'inconclusive',
    related: [
      'no-loss',
      'queued-during-outage',
      'delivered-after-recovery',
      'lifetime-margin',
      'sound-history',
    ],
  },
);
defect(
  'log and queue dead from the heal on, and mail gone',
  'queue-drains',
  (good) => {
    const { id } = victim(good, outage);
    const gone = vanish(good, id, TIMES.heal);
    return without(
      gone,
      ({ type, t }) =>
        (type === 'queue.sampled' || type === 'mta.logged' || type === 'queue.left') && t > TIMES.heal,
    );
  },
  {
    verdict: 'inconclusive',
    related: [
      'no-bounce',
      'no-reject',
      'no-loss',
      'queued-during-outage',
      'delivered-after-recovery',
      'lifetime-margin',
      'sound-history',
    ],
  },
);
defect('the queue drains after the limit', 'queue-drains', (good) => {
  const full = change(
    good,
    'queue.sampled',
    (event) => ({ ...event, depth: Math.max(1, event.depth) }),
    ({ t }) => t > TIMES.felt,
  );
  const late = TIMES.heal + 63_000;
  return change(
    extend(full, 70_000),
    'queue.sampled',
    (event) => ({ ...event, depth: 0 }),
    ({ t }) => t >= late,
  );
});
defect('a storm of attempts', 'queue-drains', (good) => {
  const it = victim(good, outage);
  const reply = 'host store[10.0.0.2] said: 451 4.2.0 Internal error';
  const log = { type: 'mta.logged', service: 'mta', queueId: 'Q', recipient: it.created.to, reply } as const;
  const storm = Array.from({ length: 120 }, (_, index) =>
    at(it.acceptedAt + 300 + index, { ...log, id: it.id, status: 'deferred', enhanced: '4.2.0' }),
  );
  return insert(good, ...storm);
});
defect('queue empty in the outage although mail was accepted', 'queued-during-outage', (good) => {
  const waiting = new Set(['queue.seen', 'queue.left']);
  const quiet = without(
    good,
    (event) => waiting.has(event.type) || (event.type === 'mta.logged' && event.status === 'deferred'),
  );
  return change(quiet, 'queue.sampled', (event) => ({ ...event, depth: 0 }));
});
defect('mail waits without a reason, and arrives', null, (good) => {
  const quiet = without(good, (event) => event.type === 'mta.logged' && event.status === 'deferred');
  return change(quiet, 'queue.seen', (event) => ({ ...event, reason: '', enhanced: null }));
});
const waitsWithClass5 = (good: History): History => {
  const { id } = victim(good, outage);
  return change(
    good,
    'queue.seen',
    (event) => ({ ...event, enhanced: '5.3.0' }),
    (event) => event.id === id && event.reason !== '',
  );
};
defect('mail waits with a code of class 5, and arrives', null, waitsWithClass5);
defect(
  'mail waits with a code of class 5, and is bounced',
  'queued-during-outage',
  (good) => {
    const it = victim(good, outage);
    const waiting = vanish(waitsWithClass5(good), it.id, TIMES.heal);
    return insert(waiting, leaves(good, it.id), dsn(it, TIMES.heal + 100, { status: '5.3.0' }));
  },
  { related: ['no-bounce', 'delivered-after-recovery'] },
);
defect(
  'mail held up by slow storage, and never seen waiting',
  'queued-during-outage',
  (good) =>
    change(
      good,
      'copy.found',
      (event) => at(event.t + 6_000, { ...event }),
      (event) => victims(good, outage).some(({ id }) => id === event.id),
    ),
  { run: { fault: 'latency' } },
);

// --- recovery ---
defect('delivered after the limit', 'delivered-after-recovery', (good) => {
  const { id } = victim(good, outage);
  const longer = extend(good, 70_000);
  return change(
    longer,
    'copy.found',
    (event) => at(TIMES.heal + 65_000, { ...event }),
    (event) => event.id === id,
  );
});
defect(
  'still in the queue long after the heal',
  'delivered-after-recovery',
  (good) => extend(stays(good, victim(good, outage).id), 70_000),
  { related: ['queue-drains'] },
);
defect(
  'outgoing mail of the outage left in the queue',
  'delivered-after-recovery',
  (good) => extend(staysInstead(good, victim(good, { kind: 'outbound', during: 'outage' })), 70_000),
  { related: ['queue-drains', 'outbound-flows'] },
);
defect(
  'mail to a healthy volume left in the queue',
  'queue-drains',
  (good) => extend(staysInstead(good, victim(good, steady)), 70_000),
  { related: ['blast-radius'] },
);

// --- outgoing mail ---
defect('outgoing mail held back', 'outbound-flows', (good) => {
  const { id } = victim(good, { kind: 'outbound', during: 'outage' });
  return change(
    good,
    'outside.received',
    (event) => at(event.t + 12_000, { ...event }),
    (event) => event.id === id,
  );
});
defect('outgoing mail not taken before the heal', 'outbound-flows', (good) => {
  const { id, created } = victim(good, { kind: 'outbound', during: 'outage' });
  const late = created.t + 11_000;
  const moved = change(
    good,
    'attempt.ended',
    (event) => at(late, { ...event }),
    (event) => event.id === id,
  );
  return change(
    moved,
    'outside.received',
    (event) => at(late + 200, { ...event }),
    (event) => event.id === id,
  );
});
defect('subscribers cannot submit at all', 'outbound-flows', (good) => {
  const { id } = victim(good, { kind: 'outbound', during: 'outage' });
  const deferred = { outcome: 'deferred', code: 454, enhanced: '4.7.0', reply: '454 4.7.0 Later' } as const;
  const edited = change(
    good,
    'attempt.ended',
    (event) => ({ ...event, ...deferred }),
    (event) => event.id === id,
  );
  return vanish(edited, id);
});

// --- other volumes ---
defect('the healthy volume slowed', 'blast-radius', (good) =>
  change(
    good,
    'copy.found',
    (event) => at(event.t + 6_000, { ...event }),
    (event) => event.mailbox.endsWith('@virgilio.test') && inOutage(event.t),
  ),
);
defect('the healthy volume slowed by deferrals', 'blast-radius', (good) => {
  const slow = new Set(victims(good, { volume: 'silver', during: 'outage' }).map(({ id }) => id));
  const later = change(
    good,
    'attempt.ended',
    (event) => at(event.t + 7_000, { ...event }),
    ({ id }) => slow.has(id),
  );
  return change(
    later,
    'copy.found',
    (event) => at(event.t + 7_000, { ...event }),
    ({ id }) => id !== null && slow.has(id),
  );
});
defect('readers of the healthy volume turned away', 'blast-radius', (good) =>
  change(
    good,
    'reader.visited',
    (event) => ({
      ...event,
      steps: event.steps
        .filter(({ step }) => step !== 'fetch')
        .map((s) => (s.step === 'select' ? { ...s, outcome: 'no', code: 'UNAVAILABLE' } : s)),
      exists: null,
      uidValidity: null,
      known: null,
    }),
    ({ volume, t }) => volume === 'silver' && t > TIMES.felt && t < TIMES.felt + 4_000,
  ),
);

// --- DSNs ---
defect('a reply storm: forty notices about one message', 'no-backscatter', (good) => {
  const it = victim(good, outage);
  const storm = Array.from({ length: 40 }, (_, n) =>
    dsn(it, it.acceptedAt + 700 + n, { action: 'delayed', status: '4.2.0' }),
  );
  return insert(good, ...storm);
});
defect('a notice to someone who did not send the message', 'no-backscatter', (good) => {
  const it = victim(good, outage);
  const cleared = without(good, (event) => event.type === 'dsn.received' && event.id === it.id);
  return insert(
    cleared,
    dsn(it, it.acceptedAt + 700, { action: 'delayed', status: '4.2.0', to: 'victim@outside.test' }),
  );
});
defect('a notice to the null sender', 'no-backscatter', (good) => {
  const it = victim(good, outage);
  const anonymous = change(
    good,
    'message.created',
    (event) => ({ ...event, from: '' }),
    ({ id }) => id === it.id,
  );
  const cleared = without(anonymous, (event) => event.type === 'dsn.received' && event.id === it.id);
  return insert(cleared, dsn(it, it.acceptedAt + 700, { action: 'delayed', status: '4.2.0', to: '' }));
});

// --- services ---
const died = (t: number, more: object = {}) =>
  at(t, {
    type: 'service.died',
    service: 'store',
    role: 'store',
    exitCode: 1,
    cause: 'itself',
    ...more,
  });
defect('the store gives up in the outage', 'no-crash', (good) => insert(good, died(TIMES.inject + 2_000)));
defect('the array runs out of memory', 'no-crash', (good) =>
  insert(good, died(3_000, { service: 'array-gold', role: 'array', cause: 'out-of-memory' })),
);
defect(
  'the store killed by somebody',
  'no-crash',
  (good) => insert(good, died(TIMES.heal + 500, { exitCode: 137, cause: 'killed' })),
  { verdict: 'inconclusive' },
);

// --- time ---
const DAY_MS = 86_400_000;
const STOCK = { service: 'mta', mailMs: 5 * DAY_MS, bouncesMs: 5 * DAY_MS, warningMs: 0 } as const;

/** Days pass in the outage, between two events, while nothing is under way but what waits for the broken volume. */
function travelled(good: History, byMs: number): History {
  const underWay = all(good, 'attempt.ended').flatMap(({ id, t, outcome }) => {
    const copy = good.find(
      (event) => (event.type === 'copy.found' || event.type === 'outside.received') && event.id === id,
    );
    return outcome === 'accepted' && copy !== undefined && copy.t < TIMES.heal ? [[t, copy.t] as const] : [];
  });
  let jump = TIMES.felt + 6_000;
  while (underWay.some(([from, until]) => from <= jump && jump <= until)) jump += 7;
  const later = good.map((event) => (event.t > jump ? { ...event, sim: event.sim + byMs } : event));
  const advanced = at(jump, { type: 'clock.advanced', byMs });
  return insert(later, { ...advanced, sim: advanced.sim + byMs });
}

const configured = (good: History, change: object) =>
  insert(good, at(TIMES.ready, { type: 'mta.configured', ...STOCK, ...change }));

defect(
  'a queue that gives up before the outage is over',
  'lifetime-margin',
  (good) => configured(travelled(good, 3 * DAY_MS), { mailMs: 2 * DAY_MS }),
  { related: ['sender-told'] },
);
defect(
  'bounces that are given up sooner than mail',
  'lifetime-margin',
  (good) => configured(travelled(good, 3 * DAY_MS), { bouncesMs: DAY_MS }),
  { related: ['sender-told'] },
);
defect('senders who never hear of a day of waiting', 'sender-told', (good) => travelled(good, DAY_MS), {
  run: { delayNotices: 0 },
});
defect(
  'one sender told twice, and all the others once',
  'sender-told',
  (good) => {
    const [notice] = all(good, 'dsn.received');
    if (notice === undefined) throw new Error('the history has no notice');
    return travelled(insert(good, { ...notice, ...at(notice.t + 100, notice) }), DAY_MS);
  },
  { run: { delayNotices: 1 }, related: ['no-backscatter'] },
);
defect(
  'an outage that the queues survive with everyone told',
  null,
  (good) => configured(travelled(good, 4 * DAY_MS), {}),
  { run: { delayNotices: 1, ambiguous: 0 } },
);

// --- the fault itself ---
const UNFELT = {
  related: [...OUTAGE_CHECKS, 'fault-gone', 'sound-history'],
  verdict: 'inconclusive',
} as const;
defect(
  'the fault never felt',
  'fault-felt',
  (good) => without(good, ({ type }) => type === 'fault.felt'),
  UNFELT,
);
defect('the fault left out', 'fault-felt', (good) => without(good, ({ type }) => FAULT_EVENTS.has(type)), {
  ...UNFELT,
  related: [...UNFELT.related, 'queue-drains'],
});
defect(
  'the fault aimed at a volume that no one uses',
  'fault-felt',
  (good) => good.map((event) => (FAULT_EVENTS.has(event.type) ? { ...event, volume: 'bronze' } : event)),
  UNFELT,
);
defect(
  'the fault said to be felt, but no sample shows it',
  'fault-felt',
  (good) => change(good, 'probe.sampled', (event) => ({ ...event, outcome: 'ok', errno: null })),
  { verdict: 'inconclusive' },
);
defect(
  'the fault felt too late',
  'fault-felt',
  (good) => {
    const early = (t: number) => t - 7_000;
    const injection = new Set(['fault.injecting', 'fault.injected']);
    const moved = good.map((event) => (injection.has(event.type) ? at(early(event.t), { ...event }) : event));
    const late = moved.map((event) =>
      event.type === 'fault.felt' ? at(TIMES.heal - 500, { ...event }) : event,
    );
    return late.toSorted((a, b) => a.t - b.t);
  },
  { ...UNFELT, related: [...UNFELT.related, 'no-reject', 'honest-login'] },
);
defect('the fault never gone', 'fault-gone', (good) =>
  extend(
    without(good, ({ type }) => type === 'fault.gone'),
    30_000,
  ),
);
defect('the storage slow to come back', 'fault-gone', (good) =>
  change(extend(good, 40_000), 'fault.gone', (event) => at(TIMES.heal + 31_000, { ...event })),
);
defect(
  'the fault never healed',
  'fault-gone',
  (good) => without(good, ({ type }) => type === 'fault.healed' || type === 'fault.gone'),
  {
    verdict: 'inconclusive',
    related: ['delivered-after-recovery', 'queue-drains', 'outbound-flows', 'blast-radius', 'sound-history'],
  },
);
defect(
  'no mail at all in the outage',
  'queued-during-outage',
  (good) => {
    const created = all(good, 'message.created').filter(
      ({ kind, t }) => kind !== 'canary' && t > TIMES.inject - 2_500 && t < TIMES.heal,
    );
    const ids = new Set<string | null>(created.map(({ id }) => id));
    const quiet = without(good, (event) => 'id' in event && ids.has(event.id));
    return [...ids].reduce<History>((history, id) => unlist(history, id ?? ''), quiet);
  },
  {
    verdict: 'inconclusive',
    related: [
      'delivered-after-recovery',
      'outbound-flows',
      'blast-radius',
      'no-reject',
      // The senders were silent for longer than their rates allow.
      'no-bounce',
      'no-loss',
      'sound-history',
    ],
  },
);

// --- the run's own eyes ---
defect(
  'mail to nobody accepted',
  'self-check',
  (good) => {
    const [canary] = all(good, 'attempt.ended').filter(({ code }) => code === 550);
    const accepted = { outcome: 'accepted', code: 250, enhanced: '2.0.0', reply: '250 2.0.0 Ok' } as const;
    return change(
      good,
      'attempt.ended',
      (event) => ({ ...event, ...accepted, at: 'dot' }),
      (event) => event === canary,
    );
  },
  { verdict: 'inconclusive' },
);
defect(
  'mail to nobody refused before its recipient was named',
  'self-check',
  (good) => {
    const other = { code: 554, enhanced: '5.7.1', reply: '554 5.7.1 Access denied', at: 'mail' } as const;
    return change(
      good,
      'attempt.ended',
      (event) => ({ ...event, ...other }),
      ({ code }) => code === 550,
    );
  },
  { verdict: 'inconclusive' },
);
defect(
  'no mail to nobody',
  'self-check',
  (good) => {
    const ids = new Set(
      all(good, 'message.created').flatMap(({ kind, id }) => (kind === 'canary' ? [id] : [])),
    );
    return without(good, (event) => 'id' in event && event.id !== null && ids.has(event.id));
  },
  { verdict: 'inconclusive' },
);

// --- the history ---
defect('the history cut off', 'sound-history', (good) => good.filter(({ t }) => t < TIMES.heal + 2_000), {
  verdict: 'inconclusive',
  related: [
    'no-loss',
    'delivered-after-recovery',
    'mailbox-intact',
    'queue-drains',
    'fault-gone',
    'outbound-flows',
  ],
});
defect(
  'the run interrupted',
  'sound-history',
  (good) => change(good, 'run.ended', (event) => ({ ...event, reason: 'interrupted' })),
  {
    verdict: 'inconclusive',
  },
);
defect(
  'two runs mixed',
  'sound-history',
  (good) => {
    const [started] = all(good, 'run.started');
    const [copy] = all(good, 'copy.found');
    if (started === undefined || copy === undefined) return good;
    return insert(
      good,
      at(3_000, { ...started, run: 'another' }),
      at(copy.t + 1, { ...copy, id: FOREIGN_ID, uid: 903 }),
    );
  },
  { verdict: 'inconclusive' },
);
defect(
  'mail of another run in a mailbox',
  'sound-history',
  (good) => {
    const [copy] = all(good, 'copy.found');
    return copy === undefined ? good : insert(good, at(copy.t + 1, { ...copy, id: FOREIGN_ID, uid: 903 }));
  },
  { verdict: 'inconclusive' },
);
defect(
  'the clock jumps',
  'sound-history',
  (good) =>
    good.map((event) =>
      event.t > 12_000 ? { ...event, wall: event.wall + 3_600_000, sim: event.sim + 3_600_000 } : event,
    ),
  { verdict: 'inconclusive' },
);
defect(
  'the clock is set back',
  'sound-history',
  (good) =>
    good.map((event) =>
      event.t > 12_000 ? { ...event, wall: event.wall - 60_000, sim: event.sim - 60_000 } : event,
    ),
  { verdict: 'inconclusive' },
);
defect(
  'simulated time runs away',
  'sound-history',
  (good) => good.map((event) => (event.t > 12_000 ? { ...event, sim: event.sim + 86_400_000 } : event)),
  { verdict: 'inconclusive' },
);
defect(
  'events out of order',
  'sound-history',
  (good) => {
    const index = good.findIndex(({ type }) => type === 'queue.sampled');
    const moved = good[index];
    return moved === undefined
      ? good
      : [...good.slice(0, index), ...good.slice(index + 1, index + 60), moved, ...good.slice(index + 60)];
  },
  { verdict: 'inconclusive' },
);
defect(
  'the harness itself failed',
  'sound-history',
  (good) =>
    insert(
      good,
      at(9_000, { type: 'harness.failed', what: 'reader of u1@libero.test', error: 'socket hang up' }),
    ),
  { verdict: 'inconclusive' },
);

export const DEFECTS: readonly Defect[] = defects;
