/**
 * What the API answers a request it cannot serve: `{"error": message, "status": status}`.
 * Messages and codes are those of upstream's api.go, since clients match on them.
 */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** 400, for a body that is not what the call needs. */
export function badRequestBody(reason: string): ApiError {
  return new ApiError(400, `bad request body: ${reason}`);
}

/** 400, for a body without a field that has no default. */
export function missingField(field: string): ApiError {
  return new ApiError(400, `missing required field: ${field}`);
}

export function proxyNotFound(): ApiError {
  return new ApiError(404, 'proxy not found');
}

export function proxyAlreadyExists(): ApiError {
  return new ApiError(409, 'proxy already exists');
}

export function invalidStream(): ApiError {
  return new ApiError(400, 'stream was invalid, can be either upstream or downstream');
}

export function invalidToxicType(): ApiError {
  return new ApiError(400, 'invalid toxic type');
}

export function toxicAlreadyExists(): ApiError {
  return new ApiError(409, 'toxic already exists');
}

export function toxicNotFound(): ApiError {
  return new ApiError(404, 'toxic not found');
}

/** 403, for a request that a browser may have been tricked into sending. */
export function hostNotAllowed(host = ''): ApiError {
  return new ApiError(
    403,
    `host not allowed: ${host.slice(0, 255)} (start the server with --allow-host to allow it)`,
  );
}
