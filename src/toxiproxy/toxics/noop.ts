import { chunkOrEnding, type Toxic, type ToxicType } from './toxic.js';

const passThrough: Toxic = {
  *pipe(stub) {
    while (yield* chunkOrEnding(stub)) stub.pass(stub.headBytes);
    stub.passEnding();
  },
};

/** Passes everything on unchanged. It takes no attributes. Source: upstream's toxics/noop.go. */
export const noop: ToxicType = { type: 'noop', goStruct: 'NoopToxic', create: () => passThrough };
