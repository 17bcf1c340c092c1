// What tests in TypeScript know of api.mjs.
export interface CallOptions {
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
  untilMs?: number;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  body: any;
}

export interface Trigger {
  id: string;
  secret: string;
}

export class Api {
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  get(path: string, query?: Record<string, string>): Promise<any>;
  post(path: string, body?: object): Promise<any>;
  createBot(fields?: object): Promise<string>;
  createSkillset(abilities: object[], fields?: object): Promise<string>;
  createTrigger(fields?: object): Promise<Trigger>;
  send(trigger: { id: string; secret?: string }, options?: { method?: string; query?: Record<string, string>; body?: string; headers?: Record<string, string>; prefix?: string }): Promise<Omit<Reply, 'body'>>;
  fire(trigger: Trigger, options?: { query?: Record<string, string>; body?: string }): Promise<string>;
  ended(eventId: string, withinMs?: number): Promise<any>;
  all(path: string, query?: Record<string, string>): Promise<any[]>;
  messages(conversationId: string): Promise<any[]>;
}
