import { describe, expect, it } from 'vitest';
import { LogProof } from '../../../../src/stack/docker/log-proof.js';

describe('a stream of log lines that is silent', () => {
  it('lives while the engine has no newer line', () => {
    const proof = new LogProof();
    expect(proof.compare('00:01')).toBe(true);
    expect(proof.compare('00:01')).toBe(true);
    expect(proof.compare('00:01')).toBe(true);
  });

  it('is dead when the engine has lines that it did not bring, and stays so', () => {
    const proof = new LogProof();
    proof.compare('00:01');
    expect(proof.compare('00:02')).toBe(false);
    expect(proof.compare('00:02')).toBe(false);
    expect(proof.compare('00:03')).toBe(false);
  });

  it('lives again when the line comes after all', () => {
    const proof = new LogProof();
    proof.compare('00:01');
    expect(proof.compare('00:02')).toBe(false);
    proof.heard();
    expect(proof.compare('00:02')).toBe(true);
  });

  it('lives when it brought what the engine has', () => {
    const proof = new LogProof();
    proof.compare('');
    proof.heard();
    expect(proof.compare('00:01')).toBe(true);
    proof.heard();
    expect(proof.compare('00:02')).toBe(true);
  });
});
