// Is this a request that OpenAI would take? The shape is judged by schemas made from the type files
// of the official client; what types cannot say is checked here.
import Ajv from 'ajv';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const typeName = 'ChatCompletionCreateParams';
const legalName = /^[A-Za-z0-9_-]{1,64}$/;

export function makeJudge() {
  const require = createRequire(import.meta.url);
  const types = path.join(path.dirname(require.resolve('openai')), 'resources/chat/completions/completions.d.ts');
  const schema = createGenerator({ path: types, type: typeName, skipTypeCheck: true, additionalProperties: false }).createSchema(typeName);
  const isValid = new Ajv({ strict: false, allErrors: false }).compile(schema);
  // The problems of one request body; none when it is right.
  return (body) => {
    const shape = isValid(body) ? [] : isValid.errors.map((error) => `${error.instancePath} ${error.message}`);
    return [...shape, ...namingProblems(body), ...pairingProblems(body.messages ?? [])];
  };
}

function namingProblems(body) {
  const names = (body.tools ?? []).map((tool) => tool.function?.name);
  const problems = names.filter((name) => !legalName.test(name ?? '')).map((name) => `illegal tool name ${name}`);
  if (new Set(names).size !== names.length) problems.push('two tools of one name');
  return problems;
}

// Every call gets exactly one result, right after the message that makes it; no result is without its
// call; arguments are JSON objects, because servers parse them.
function pairingProblems(messages) {
  const problems = [];
  let open = new Set();
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) problems.push(`a result without its call: ${message.tool_call_id}`);
      continue;
    }
    for (const id of open) problems.push(`a call without its result: ${id}`);
    open = new Set();
    for (const call of message.tool_calls ?? []) {
      if (open.has(call.id)) problems.push(`two calls with the id ${call.id}`);
      open.add(call.id);
      if (!isJsonObject(call.function?.arguments)) problems.push(`arguments are not a JSON object: ${call.function?.arguments}`);
      if (!legalName.test(call.function?.name ?? '')) problems.push(`illegal name called: ${call.function?.name}`);
    }
  }
  for (const id of open) problems.push(`a call without its result: ${id}`);
  return problems;
}

function isJsonObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
