'use strict';
/* global OK, DENY, DENYSOFT */
/**
 * Haraka's only plugin in the embedded stack: who may send to whom, where mail goes, and what the harness is told.
 * Loaded by Haraka (docs/Plugins.md there), written in its style: CommonJS, callbacks. What it needs to know is in
 * config/nobounce.json; what it tells are lines on standard output that begin with `@`.
 */
const outbound = require('./outbound');

exports.register = function () {
  this.inherits('auth/auth_base');
  this.blankout_password = true;
  const setup = this.config.get('nobounce.json');
  this.domains = new Set(setup.domains);
  this.passwords = new Map(setup.accounts.map(({ address, password }) => [address, password]));
  this.store = setup.store;
  this.outside = setup.outside;
  this.retry = setup.retry;
  this.ports = {};
};

/** Tells which ports the system gave to the two listeners of smtp.ini: the MX first. */
exports.hook_init_master = function (next, server) {
  const [mx, submission] = server.listeners.map((listener) => listener.address().port);
  this.ports = { mx, submission };
  tell({ ready: this.ports });
  // That nothing is logged must not look like a dead log.
  setInterval(() => tell({ mark: true }), 1_000).unref();
  next();
};

exports.hook_capabilities = function (next, connection) {
  if (connection.local.port === this.ports.submission) {
    connection.capabilities.push('AUTH PLAIN LOGIN');
    connection.notes.allowed_auth_methods = ['PLAIN', 'LOGIN'];
  }
  next();
};

exports.get_plain_passwd = function (user, connection, found) {
  // A password that nobody can have, for a name that nobody has: auth_base compares what it gets with ===.
  found(this.passwords.get(user.toLowerCase()) ?? null);
};

exports.hook_mail = function (next, connection) {
  if (connection.local.port !== this.ports.submission || connection.relaying) return next();
  next(DENY, '5.7.0 authentication required');
};

exports.hook_rcpt = function (next, connection, [recipient]) {
  const host = recipient.host.toLowerCase();
  const address = `${recipient.user}@${host}`.toLowerCase();
  if (this.domains.has(host)) {
    return this.passwords.has(address) ? next(OK) : next(DENY, `5.1.1 <${address}> unknown`);
  }
  if (connection.relaying) return next(OK);
  next(DENY, '5.7.1 relaying denied');
};

/** Every message goes to the queue on disk first: 250 comes after it is there. */
exports.hook_queue = function (next, connection) {
  outbound.send_trans_email(connection.transaction, next);
};

/** The notes are written into the queue file's header, and come back with every attempt. */
exports.hook_pre_send_trans_email = function (next, connection) {
  const { transaction } = connection;
  transaction.notes.message_id = String(transaction.header.get('Message-ID')).trim();
  next();
};

exports.hook_get_mx = function (next, hmail, domain) {
  if (this.domains.has(domain.toLowerCase())) {
    next(OK, { priority: 0, exchange: this.store.host, port: this.store.port, using_lmtp: true });
  } else next(OK, { priority: 0, exchange: this.outside.host, port: this.outside.port });
};

exports.hook_send_email = function (next, hmail) {
  if (hmail.num_failures === 0) {
    tell({ message: { queueId: hmail.todo.uuid, messageId: hmail.todo.notes.message_id ?? '' } });
  }
  next();
};

exports.hook_delivered = function (next, hmail, [, , response, , , , recipients]) {
  for (const recipient of recipients) attempt(hmail, recipient, 'sent', response);
  // With several recipients the others are split off as a message of their own.
  tell({ removed: { queueId: hmail.todo.uuid } });
  next();
};

/** Haraka's own shortest interval is 5 s; a drill of seconds needs shorter ones. */
exports.hook_deferred = function (next, hmail, { err, fail_recips: failed }) {
  for (const recipient of failed ?? hmail.todo.rcpt_to) attempt(hmail, recipient, 'deferred', err);
  const { firstSeconds, lastSeconds } = this.retry;
  next(DENYSOFT, Math.min(firstSeconds * 2 ** (hmail.num_failures - 1), lastSeconds));
};

exports.hook_bounce = function (next, hmail, err) {
  const status = /^Too many failures/.test(err.message) ? 'expired' : 'bounced';
  for (const recipient of err.bounced_rcpt ?? hmail.todo.rcpt_to) attempt(hmail, recipient, status, err.message);
  tell({ removed: { queueId: hmail.todo.uuid } });
  next();
};

function attempt(hmail, recipient, status, fallback) {
  const reply = String((status === 'sent' ? undefined : recipient.reason) ?? fallback ?? '');
  // Haraka leaves the status of a delay on the recipient whom it delivers to at last.
  const kept = status === 'sent' ? null : (recipient.dsn_status ?? null);
  const enhanced = /(?:^|\s)([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(reply)?.[1] ?? kept;
  const address = `${recipient.user}@${recipient.host}`;
  tell({ delivery: { queueId: hmail.todo.uuid, recipient: address, status, enhanced, reply } });
}

function tell(event) {
  process.stdout.write(`@${JSON.stringify(event)}\n`);
}
