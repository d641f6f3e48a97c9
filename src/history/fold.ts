import { Course } from './course.js';
import { DeliveryAccount } from './delivery-account.js';
import type { EventOf, HistoryEvent } from './event.js';
import { Ledger } from './ledger.js';
import { Logins } from './logins.js';
import { Machine } from './machine.js';
import { Mailboxes } from './mailboxes.js';
import { Outages } from './outages.js';
import { Queues } from './queues.js';
import { SimulatedTime } from './simulated.js';
import { Sources } from './sources.js';
import { Visits } from './visits.js';
import {
  loginContradiction,
  placeContradiction,
  sampleContradiction,
  visitContradiction,
} from './watch-contradictions.js';

/** What a run does. */
type FrameEvent = EventOf<
  | 'run.started'
  | 'fault.injecting'
  | 'fault.healed'
  | 'fault.injected'
  | 'fault.healing'
  | 'fault.felt'
  | 'fault.gone'
  | 'phase.started'
  | 'phase.ended'
  | 'clock.advanced'
  | 'mta.configured'
  | 'machine.sampled'
  | 'harness.failed'
>;
type MailEvent = EventOf<
  | 'message.created'
  | 'attempt.started'
  | 'attempt.ended'
  | 'mta.logged'
  | 'copy.found'
  | 'outside.received'
  | 'dsn.received'
  | 'file.found'
  | 'queue.seen'
  | 'queue.left'
>;

/**
 * A whole history in bounded memory: what the checks judge. Feed it every event in order with `see`,
 * then `close` it.
 */
export class Fold {
  readonly course = new Course();
  readonly outages = new Outages();
  readonly mailboxes = new Mailboxes();
  readonly queues = new Queues();
  readonly logins = new Logins();
  readonly time = new SimulatedTime();
  readonly machine = new Machine();
  readonly sources = new Sources(this);
  readonly ledger = new Ledger(this);
  readonly visits = new Visits(this.outages);
  #deliveries = new DeliveryAccount({ at: 0, mailboxes: 0, nameless: 0 });

  /** The deliveries as the sources tell of them; none before the first `close`. */
  get deliveries(): DeliveryAccount {
    return this.#deliveries;
  }

  see(event: HistoryEvent): void {
    this.course.see(event);
    switch (event.type) {
      case 'run.started':
        for (const { address, volume } of event.mailboxes) this.mailboxes.add(address, volume);
        break;
      case 'fault.injecting':
      case 'fault.healed':
        this.outages.see(event);
        this.queues.endSteadyState();
        this.queues.restart();
        break;
      case 'fault.injected':
      case 'fault.healing':
      case 'fault.felt':
      case 'fault.gone':
        this.outages.see(event);
        break;
      case 'phase.started':
      case 'phase.ended':
        this.#phase(event);
        break;
      case 'clock.advanced':
        this.time.advanced(event);
        this.sources.jumped(event.t);
        break;
      case 'mta.configured':
        this.queues.configured(event);
        this.sources.configured(event);
        break;
      case 'machine.sampled':
        this.machine.sample(event);
        break;
      case 'harness.failed':
        this.machine.harnessFailed(event);
        break;
      default:
        this.#seeMail(event);
    }
  }

  /** What happens to messages, and what is found of them. */
  #seeMail(event: Exclude<HistoryEvent, FrameEvent>): void {
    switch (event.type) {
      case 'message.created':
        this.ledger.created(event);
        this.sources.wrote(event);
        break;
      case 'attempt.started':
        this.ledger.attemptStarted(event);
        if (this.ledger.isOfStream(event.id)) this.sources.stir('senders', '', event.t);
        break;
      case 'attempt.ended':
        this.ledger.attemptEnded(event);
        this.sources.tried(event, this.ledger.isOfStream(event.id));
        if (event.at === 'auth') this.logins.submitted(event, this.outages.isFelt);
        break;
      case 'mta.logged':
        this.sources.record('log', event.service, event.t);
        this.ledger.logged(event);
        break;
      case 'copy.found':
        this.sources.record('mailboxes', '', event.t);
        this.ledger.copyFound(event);
        break;
      case 'outside.received':
        this.sources.record('outside', '', event.t);
        this.ledger.outsideReceived(event);
        break;
      case 'dsn.received':
        this.sources.record(event.place === 'outside' ? 'outside' : 'mailboxes', '', event.t);
        this.ledger.dsnReceived(event);
        break;
      case 'file.found':
        this.ledger.fileFound(event);
        break;
      case 'queue.seen':
        this.ledger.queueSeen(event);
        break;
      case 'queue.left':
        this.ledger.queueLeft(event);
        break;
      default:
        this.#seeWatched(event);
    }
  }

  /** What watchers and readers tell, and that they live. */
  #seeWatched(event: Exclude<HistoryEvent, FrameEvent | MailEvent>): void {
    switch (event.type) {
      case 'probe.sampled':
        this.outages.sample(event);
        this.#believe(event, `a sample of ${event.volume} (${event.operation})`, sampleContradiction(event));
        this.sources.record('probe', event.volume, event.t, event.ms);
        break;
      case 'queue.sampled':
        this.queues.sample(event);
        this.sources.record('queue', event.service, event.t);
        break;
      case 'mailbox.listed': {
        this.#believe(
          event,
          `the listing of ${event.mailbox}`,
          this.mailboxes.size === 0 ? null : placeContradiction(this.mailboxes, event),
        );
        const mailbox = this.mailboxes.add(event.mailbox, event.volume);
        mailbox.list(event);
        if (event.stage === 'after') this.ledger.listedAfter(event, mailbox);
        else this.queues.beginSteadyState();
        break;
      }
      case 'reader.visited':
        this.sources.visited(event);
        this.#believe(
          event,
          `a visit to ${event.mailbox}`,
          placeContradiction(this.mailboxes, event) ?? visitContradiction(event),
        );
        this.mailboxes.find(event.mailbox)?.visit(event);
        this.visits.see(event);
        this.logins.visited(event, this.outages.isFelt);
        break;
      case 'login.tried':
        this.logins.tried(event, this.outages.isFelt);
        this.#believe(
          event,
          `${event.service} login of ${event.mailbox}`,
          placeContradiction(this.mailboxes, { mailbox: event.mailbox }) ?? loginContradiction(event),
        );
        this.sources.stir('readers', '', event.t, event.ms);
        break;
      case 'source.started':
        this.sources.started(event);
        this.machine.watched(event);
        break;
      case 'source.alive':
        this.sources.alive(event);
        break;
      case 'source.ended':
        this.sources.ended(event);
        break;
      case 'service.died':
      case 'act.asked':
      case 'act.refused':
      case 'note.added':
      case 'ask.answered':
      case 'operator.acted':
      case 'act.cut':
      case 'stack.ready':
      case 'message.abandoned':
      case 'clock.read':
      case 'run.ended':
        break;
    }
  }

  /** What somebody tells of an event is believed neither way where two parts of it cannot both be true. */
  #believe({ t }: HistoryEvent, what: string, contradiction: string | null): void {
    if (contradiction !== null)
      this.ledger.contradictions.add({ id: null, at: t, text: `${what}: ${contradiction}` });
  }

  #phase({ type, phase, t }: EventOf<'phase.started' | 'phase.ended'>): void {
    if (type === 'phase.started' && phase === 'settle') this.queues.endSteadyState();
    // In simulated time senders write in bursts. While the stack is mended behind a jump, nobody talks to it.
    if (phase !== 'advance' && phase !== 'heal') return;
    if (type === 'phase.ended') this.sources.release(t);
    else if (phase === 'advance') this.sources.hold(t, 'senders');
    else this.sources.hold(t, 'senders', 'readers');
  }

  /** Decides what became of each message by what was seen until now; more events may follow. */
  close(): void {
    const { sources, queues, course, mailboxes, ledger } = this;
    const account = new DeliveryAccount({
      at: course.lastAt,
      mailboxes: mailboxes.size,
      nameless: ledger.namelessDeliveries,
    });
    for (const message of ledger.messages()) if (message.kind !== 'canary') account.add(message);
    this.#deliveries = account;
    ledger.close({
      completed: course.isCompleted,
      queuesTrusted: sources.isAliveAtEnd('queue') && queues.disagreements.length === 0,
      queueEmptied: queues.isAnyEmptied,
      wayOutTrusted:
        sources.isAliveAtEnd('outside') &&
        sources.isAliveAtEnd('log') &&
        account.unreceived === null &&
        account.unlogged === null,
      untold: queues.untold,
    });
  }
}
