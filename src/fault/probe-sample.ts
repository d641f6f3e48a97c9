/** One operation of the storage probe on a volume, or its greeting by the MX where `volume` is the link to it. */
export interface ProbeSample {
  readonly service: string;
  readonly volume: string;
  readonly operation: string;
  readonly outcome: 'ok' | 'error' | 'blocked';
  readonly errno: string | null;
  readonly ms: number;
}
