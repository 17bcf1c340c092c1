// A request that the client's types forbid: one for a server that must not rely on them, or one that the
// types forgot.
export const wrong = (request: unknown): any => request;
