// What tests in TypeScript know of server.mjs.
import type { TestContext } from 'node:test';

import type { Api } from './api.mjs';

export interface ServerOptions {
  data?: string;
  config?: string;
  env?: Record<string, string>;
  args?: string[];
  adminToken?: string | null;
}

export class Server {
  static start(options?: ServerOptions): Promise<Server>;
  readonly adminToken: string;
  readonly url: string;
  readonly log: string;
  api(token?: string | null): Api;
  protect(secret: string): void;
  stop(): Promise<void>;
}

export interface UsedServer {
  server: Server;
  api: Api;
}

export const binary: string;
export function newToken(): string;
export function useServer(options?: ServerOptions | (() => ServerOptions | Promise<ServerOptions>)): UsedServer;
export function startServer(test: TestContext, options?: ServerOptions): Promise<Server>;
