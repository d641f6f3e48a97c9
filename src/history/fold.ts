import { Course } from './course.js';
import type { HistoryEvent } from './event.js';
import { Ledger } from './ledger.js';
import { Logins } from './logins.js';
import { Mailboxes } from './mailboxes.js';
import { Outages } from './outages.js';
import { Queues } from './queues.js';
import { SimulatedTime } from './simulated.js';

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
  readonly ledger = new Ledger(this.mailboxes, this.outages);

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
      case 'fault.felt':
      case 'fault.gone':
        this.outages.see(event);
        break;
      case 'phase.started':
        if (event.phase === 'settle') this.queues.endSteadyState();
        break;
      case 'probe.sampled':
        this.outages.sample(event);
        break;
      case 'message.created':
        this.ledger.created(event);
        break;
      case 'attempt.started':
        this.ledger.attemptStarted(event);
        break;
      case 'attempt.ended':
        this.ledger.attemptEnded(event);
        if (event.at === 'auth') this.logins.submitted(event, this.outages.isFelt);
        break;
      case 'queue.seen':
        this.ledger.queueSeen(event);
        break;
      case 'queue.left':
        this.ledger.queueLeft(event);
        break;
      case 'queue.sampled':
        this.queues.sample(event);
        break;
      case 'mta.logged':
        this.ledger.logged(event);
        break;
      case 'copy.found':
        this.ledger.copyFound(event);
        break;
      case 'outside.received':
        this.ledger.outsideReceived(event);
        break;
      case 'dsn.received':
        this.ledger.dsnReceived(event);
        break;
      case 'file.found':
        this.ledger.fileFound(event);
        break;
      case 'mailbox.listed': {
        const mailbox = this.mailboxes.add(event.mailbox, event.volume);
        mailbox.list(event);
        if (event.stage === 'after') this.ledger.listedAfter(event, mailbox);
        else this.queues.beginSteadyState();
        break;
      }
      case 'reader.visited':
        this.mailboxes.find(event.mailbox)?.visit(event);
        this.ledger.visited(event);
        this.logins.visited(event, this.outages.isFelt);
        break;
      case 'login.tried':
        this.logins.tried(event, this.outages.isFelt);
        break;
      case 'clock.advanced':
        this.time.advanced(event);
        break;
      case 'mta.configured':
        this.queues.configured(event);
        break;
      case 'source.started':
      case 'source.alive':
      case 'source.ended':
      case 'service.died':
      case 'stack.ready':
      case 'phase.ended':
      case 'fault.healing':
      case 'message.abandoned':
      case 'clock.read':
      case 'harness.failed':
      case 'run.ended':
        break;
    }
  }

  /** No more events will come. */
  close(): void {
    this.ledger.close(this.course.ended?.reason === 'completed');
  }
}
