import { expect, it } from 'vitest';
import { Metrics } from '../../../src/toxiproxy/metrics.js';

it('writes Prometheus text with escaped labels, without series that have no byte', () => {
  const metrics = new Metrics();
  const labels = { direction: 'upstream', listener: '[::]:1', proxy: 'a "b" \\ c\nd', upstream: 'u:1' };
  metrics.counters(labels).receivedBytes += 5;
  metrics.counters(labels).receivedBytes += 2;
  metrics.counters({ ...labels, direction: 'downstream' });
  expect(metrics.render()).toBe(
    '# HELP toxiproxy_proxy_received_bytes_total \n# TYPE toxiproxy_proxy_received_bytes_total counter\n' +
      String.raw`toxiproxy_proxy_received_bytes_total{direction="upstream",listener="[::]:1",proxy="a \"b\" \\ c\nd",upstream="u:1"} 7` +
      '\n',
  );
});

it.each([
  [999_999, '999999'],
  [1_000_000, '1e+06'],
  [1_234_567, '1.234567e+06'],
  [12_345_678_901, '1.2345678901e+10'],
])('writes %i bytes as Go writes a float', (bytes, text) => {
  const metrics = new Metrics();
  metrics.counters({ direction: 'upstream', listener: 'l', proxy: 'p', upstream: 'u' }).sentBytes += bytes;
  expect(metrics.render()).toContain(`} ${text}\n`);
});
